import type { Logger } from 'pino';
import { onTestFinished } from 'vitest';

import { hashContent, computePin } from '@gatehouse/policy/documents/content-hash';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { JsonObject } from '@gatehouse/policy/documents/json';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import { CurrentConfig } from '../../src/config/current.ts';
import { compileConfig } from '../../src/config/open-snapshot.ts';
import type { Conversation, ToolCall, UpstreamClient } from '../../src/upstream/conversation.ts';
import { UpstreamPool, type UpstreamPoolOptions } from '../../src/upstream/pool.ts';
import type { RpcAnswer, ServerMessage } from '../../src/wire/json-rpc.ts';
import { makeUpstreamDeps, type UpstreamSetup } from '../support/agent/upstream-deps.ts';
import { TestSite } from '../support/control-plane/site.ts';

export interface PoolSetup
  extends UpstreamSetup, Pick<UpstreamPoolOptions, 'limits' | 'sweepMs' | 'memory' | 'readClock' | 'onAnnounced'> {
  log?: Logger;
}

/** A pool of upstreams with these servers in its configuration. Closed when the test is over. */
export function startPool(servers: SnapshotServer[], setup: PoolSetup = {}) {
  const site = new TestSite();
  const current = new CurrentConfig();
  const { scrub, guardrails, ...deps } = makeUpstreamDeps({ servers, ...setup });
  let version = 0;
  const publish = (next: SnapshotServer[]) => {
    const content = { servers: next, profiles: [], clientKeys: [], revokedKeyIds: [] };
    const snapshot = site.makeSnapshot((version += 1), content, { contentHash: hashContent(content) });
    current.swap(compileConfig(snapshot, guardrails));
  };
  publish(servers);
  const { limits, sweepMs, memory, readClock, onAnnounced, log = deps.log } = setup;
  const pool = new UpstreamPool({
    ...deps,
    log,
    current,
    scrub: (text) => scrub.scrubText(text),
    limits,
    sweepMs,
    memory,
    readClock,
    onAnnounced,
  });
  onTestFinished(() => pool.close());
  return { pool, publish, scrub };
}

export interface Heard {
  serverId: string;
  message: ServerMessage;
  answer: ((answer: RpcAnswer) => void) | null;
}

/** A client of the agent, with what it heard outside of its own requests. */
export function makeClient(affinity: string, capabilities: JsonObject = {}, logLevel: string | null = null) {
  const heard: Heard[] = [];
  const client: UpstreamClient = {
    keyId: `key of ${affinity}`,
    affinity,
    declared: '',
    era: 'legacy',
    facts: { info: { name: affinity, version: '1' }, capabilities },
    getLogLevel: () => logLevel,
    onMessage: (serverId, message, answer) => void heard.push({ serverId, message, answer }),
  };
  return { ...client, heard };
}

export const never = new AbortController().signal;

/** A call of a tool whose approved definition is this one. */
export function makeCall(definition: ToolDefinition, args: JsonObject = {}, change: Partial<ToolCall> = {}): ToolCall {
  return { definition, pin: computePin(definition), freshness: 'read', arguments: args, meta: {}, signal: never, ...change };
}

/** The text of an answer with one piece of text; else the whole answer as JSON. */
export function readAnswerText(answer: RpcAnswer): string {
  const [first] = 'result' in answer && Array.isArray(answer.result['content']) ? answer.result['content'] : [];
  return typeof first?.text === 'string' ? first.text : JSON.stringify(answer);
}

/** The definition of a tool as the server shows it to this client. */
export async function fetchDefinition(conversation: Conversation, name: string): Promise<ToolDefinition> {
  const answer = await conversation.request({ method: 'tools/list', params: {}, signal: never });
  const tools = 'result' in answer ? (answer.result['tools'] as ToolDefinition[]) : [];
  const found = tools.find((tool) => tool.name === name);
  if (!found) throw new Error(`no tool ${name} among ${tools.map((tool) => tool.name).join(', ')}`);
  return found;
}
