import { randomUUID } from 'node:crypto';

import { onTestFinished } from 'vitest';

import { readDescription } from '@gatehouse/openapi/read-description';
import { computePin } from '@gatehouse/policy/documents/content-hash';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { JsonObject } from '@gatehouse/policy/documents/json';
import type { Credential, SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import type { Guardrails } from '../../../src/config/guardrails/guardrails.ts';
import { openOutbound } from '../../../src/outbound/outbound.ts';
import { timeServer } from '../../../src/upstream/client/dialer.ts';
import { createAuthorizer } from '../../../src/upstream/credentials/authorizer.ts';
import { createRestConversation } from '../../../src/upstream/rest/rest-conversation.ts';
import { openSecrets } from '../agent/upstream-deps.ts';
import { STRICT } from '../control-plane/site.ts';

const LOCAL: Guardrails['http'] = { ...STRICT.http, privateHosts: ['127.0.0.1', 'localhost'] };

export interface RestSetup {
  credential?: Credential | null;
  environment?: Record<string, string>;
  maxAnswerBytes?: number;
  now?: () => Date;
  startMs?: number;
}

/** One REST API as the agent calls it, with everything that it gave to the credential scrub. */
export function openRest(baseUrl: string, { credential = null, environment = {}, maxAnswerBytes, now, startMs }: RestSetup = {}) {
  const held: string[] = [];
  const outbound = openOutbound({ http: LOCAL, maxAnswerBytes });
  onTestFinished(() => outbound.close());
  const onSecret = (value: string) => void held.push(value);
  const { resolve: resolveSecret } = openSecrets({ environment, servers: [makeRestServer(baseUrl, credential)], onSecret });
  const url = new URL(baseUrl);
  const authorizer = createAuthorizer(credential, url.origin, {
    outbound,
    resolveSecret,
    onSecret,
    now: now ?? (() => new Date()),
    timed: timeServer({ name: 'Orders', limits: { startMs } }, { limitCaps: {} }),
  });
  const conversation = createRestConversation({ baseUrl: url, authorizer, outbound, agentVersion: '1.2.3' });
  async function call(definition: ToolDefinition, args: JsonObject, signal = new AbortController().signal) {
    return conversation.callTool({
      definition,
      pin: computePin(definition),
      freshness: 'write',
      arguments: args,
      meta: {},
      signal,
    });
  }
  return { conversation, authorizer, call, held };
}

const string = { type: 'string' };
/** What a parameter of an operation may be other than a string. */
export const LIST = { schema: { type: 'array', items: string } };
export const OBJECT = { schema: { type: 'object', additionalProperties: string } };

/** A parameter of an operation, a string unless more is said. */
export function defineParameter(name: string, place: string, more: JsonObject = {}): JsonObject {
  return { name, in: place, required: place === 'path', schema: string, ...more };
}

/** The tools of a description by name. */
export function readTools(paths: JsonObject, more: JsonObject = {}): Map<string, ToolDefinition> {
  const text = JSON.stringify({ openapi: '3.1.0', info: { title: 'API', version: '1' }, paths, ...more });
  return readDefinitions(text);
}

/** The tools of a description as text by name. */
export function readDefinitions(text: string): Map<string, ToolDefinition> {
  const read = readDescription(text);
  if (!read.ok) throw new Error(read.problem);
  return new Map(
    read.description.operations.map(({ name, tool, problem }) => {
      if (!tool) throw new Error(`${name}: ${problem}`);
      return [name, tool.definition];
    }),
  );
}

/** The server of a snapshot for an API. */
export function makeRestServer(baseUrl: string, credential: Credential | null = null): SnapshotServer {
  const features = { logging: false, completions: false, resourceSubscriptions: false };
  return { id: randomUUID(), slug: 'orders-api', name: 'Orders API', transport: { kind: 'rest', baseUrl, credential }, features };
}
