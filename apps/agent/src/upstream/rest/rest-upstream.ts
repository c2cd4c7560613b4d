import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import { withConnectTime } from '../../outbound/outbound.ts';
import type { RpcAnswer } from '../../wire/json-rpc.ts';
import { runToStart } from '../abort.ts';
import { timeServer } from '../client/dialer.ts';
import type { Conversation, ToolCall, UpstreamClient } from '../conversation.ts';
import { createAuthorizer, type Authorizer } from '../credentials/authorizer.ts';
import { toUpstreamFailure, type TimedRequest } from '../failure.ts';
import { HealthTracker, type UpstreamHealth } from '../health.ts';
import type { Upstream, UpstreamOptions } from '../upstream.ts';
import { createRestConversation } from './rest-conversation.ts';

type RestServer = SnapshotServer & { transport: Extract<SnapshotServer['transport'], { kind: 'rest' }> };

export function isRest(server: SnapshotServer): server is RestServer {
  return server.transport.kind === 'rest';
}

/** One HTTP API of the configuration. It keeps no connection and no state of a client. */
export class RestUpstream implements Upstream {
  readonly #origin: string;
  readonly #timed: TimedRequest;
  readonly #authorizer: Authorizer;
  readonly #conversation: Conversation;
  readonly #health: HealthTracker;
  readonly #running = new Set<Promise<unknown>>();

  constructor(server: RestServer, options: UpstreamOptions) {
    const baseUrl = new URL(server.transport.baseUrl);
    this.#origin = baseUrl.origin;
    this.#timed = timeServer(server, options);
    const outbound = withConnectTime(options.outbound, this.#timed.limits.start.ms);
    this.#authorizer = createAuthorizer(server.transport.credential, this.#origin, { ...options, outbound, timed: this.#timed });
    const { agentVersion } = options;
    const conversation = createRestConversation({ baseUrl, authorizer: this.#authorizer, outbound, agentVersion });
    this.#conversation = { ...conversation, callTool: (call) => this.#execute(call, () => conversation.callTool(call)) };
    this.#health = new HealthTracker(server, options);
  }

  /** Resolves when the credential can be had. Rejects with UpstreamFailure. */
  async open(_client: UpstreamClient, signal: AbortSignal): Promise<Conversation> {
    try {
      await runToStart(this.#timed, signal, (stop) => this.#authorizer.authorize(this.#origin, stop));
      return this.#conversation;
    } catch (error) {
      const failure = toUpstreamFailure(error, signal);
      if (!signal.aborted) this.#health.recordUnreachable(failure);
      throw failure;
    }
  }

  getHealth(): UpstreamHealth {
    return this.#health.report(0);
  }

  endClient(): void {}

  sweep(): void {}

  async retire(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #execute({ signal }: ToolCall, task: () => Promise<RpcAnswer>): Promise<RpcAnswer> {
    const attempt = this.#health.admit();
    const running = task();
    this.#running.add(running);
    try {
      const answer = await running;
      attempt.succeed();
      this.#health.recordConnected(null);
      return answer;
    } catch (error) {
      const failure = toUpstreamFailure(error, signal);
      this.#health.recordRequestFailure(attempt, failure);
      if (failure.code === 'upstream_unreachable' || failure.code === 'credential_unavailable')
        this.#health.recordUnreachable(failure);
      throw failure;
    } finally {
      this.#running.delete(running);
    }
  }
}
