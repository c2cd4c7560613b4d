import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import type { ServerHealth } from '@gatehouse/protocol/messages';

import { Breaker, type Attempt } from './breaker.ts';
import type { UpstreamFailure } from './failure.ts';

export type UpstreamHealth = Omit<ServerHealth, 'serverId'>;

export interface HealthTrackerOptions {
  now: () => Date;
  /** removes held credentials */
  scrub: (text: string) => string;
  /** monotonic, milliseconds */
  readClock: () => number;
}

/** Failures in a row after which calls are refused for a while. */
const THRESHOLD = 5;
const FAILED = 'The server failed several times in a row; it is tried again in {seconds} s.';
const PROCESS_ENDED = 'The server process ended; it is started again in {seconds} s.';

/** What is known of the state of one server: whether calls are let through, and what the console shows. */
export class HealthTracker {
  readonly #options: HealthTrackerOptions;
  readonly #isStdio: boolean;
  /** The end of a shared process opens the breaker at once; of processes of single clients, several have to end in a row. */
  readonly #weightOfEnd: number;
  readonly #breaker: Breaker;
  /** the last failure was the end of a process */
  #processEnded = false;
  #last: Pick<UpstreamHealth, 'state' | 'error' | 'at' | 'protocolVersion'> = {
    state: 'unused',
    error: null,
    at: null,
    protocolVersion: null,
  };

  constructor(server: SnapshotServer, options: HealthTrackerOptions) {
    const { transport } = server;
    this.#options = options;
    this.#isStdio = transport.kind === 'stdio';
    this.#weightOfEnd = transport.kind === 'stdio' && transport.processes === 'per_session' ? 2 : THRESHOLD;
    this.#breaker = new Breaker({
      threshold: THRESHOLD,
      describeRefusal: (seconds) => (this.#processEnded ? PROCESS_ENDED : FAILED).replace('{seconds}', String(seconds)),
      readClock: options.readClock,
    });
  }

  /** Lets an attempt through. Throws UpstreamFailure when the server failed too often just now. */
  admit(): Attempt {
    return this.#breaker.admit();
  }

  /** One request failed. That a tool took longer than was set for this one tool says nothing about the others. */
  recordRequestFailure(attempt: Attempt, failure: UpstreamFailure): void {
    if (failure.byUs || LOCAL.has(failure.code) || failure.limit?.by === 'tool') attempt.drop();
    // the end of a process counts once, however many requests it had: `recordProcessEnd`
    else if (failure.code === 'upstream_unreachable' && this.#isStdio) attempt.drop();
    else if (isAway(failure)) {
      this.#processEnded = false;
      attempt.fail();
    } else attempt.succeed();
  }

  /** No connection could be made. */
  recordConnectFailure(attempt: Attempt, failure: UpstreamFailure): void {
    this.#processEnded = this.#isStdio;
    if (!failure.byUs && isAway(failure)) attempt.fail(this.#isStdio ? this.#weightOfEnd : 1);
    else attempt.drop();
    this.recordUnreachable(failure);
  }

  recordProcessEnd(): void {
    if (!this.#isStdio) return;
    this.#processEnded = true;
    this.#breaker.fail(this.#weightOfEnd);
  }

  recordConnected(protocolVersion: string | null): void {
    this.#last = { state: 'connected', error: null, at: this.#formatNow(), protocolVersion };
  }

  recordUnreachable(failure: UpstreamFailure): void {
    if (failure.byUs) return;
    const error = this.#options.scrub(failure.message);
    this.#last = { ...this.#last, state: 'unreachable', error, at: this.#formatNow() };
  }

  report(connections: number): UpstreamHealth {
    const wait = this.#breaker.getWaitMs();
    const retryAt = wait > 0 ? new Date(this.#options.now().getTime() + wait).toISOString() : null;
    return { ...this.#last, retryAt, connections };
  }

  #formatNow(): string {
    return this.#options.now().toISOString();
  }
}

/** Failures that say nothing about the server. */
const LOCAL: ReadonlySet<UpstreamFailure['code']> = new Set([
  'cancelled',
  'identity_revoked',
  'agent_revoked',
  'agent_quarantined',
  'tool_not_approved',
  'guardrail',
] as const);

function isAway({ code }: UpstreamFailure): boolean {
  return code === 'upstream_unreachable' || code === 'upstream_timeout';
}
