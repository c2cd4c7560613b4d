import * as z from 'zod';

import { ENTRY_LIMITS } from '@gatehouse/policy/documents/catalogue-entry';
import type { JsonObject } from '@gatehouse/policy/documents/json';
import { DEFINITION_LIMITS } from '@gatehouse/policy/limits/definition-limits';

import type { RpcAnswer } from '../../wire/json-rpc.ts';
import { METHOD, RpcCode } from '../../wire/protocol.ts';
import { toAnswerFailure, UpstreamFailure } from '../failure.ts';

export interface PageList {
  method: string;
  /** key of the list in a page */
  key: 'tools' | 'prompts' | 'resources' | 'resourceTemplates';
  /** most entries that are read */
  most: number;
}

const TOOL_LIST: PageList = { method: METHOD.listTools, key: 'tools', most: ENTRY_LIMITS.tool };
/** bytes of a whole list as JSON */
const MOST_BYTES = 20 * 1024 * 1024;

const Entries = z.array(z.unknown());
const Cursor = z.string().max(8_192).nullish();

export interface PagedList {
  entries: unknown[];
  /** the server lists more than was read */
  more: boolean;
}

/** A list as the server sent it; empty when the server does not know the method. `ask` sends one request. Rejects with UpstreamFailure. */
export async function listPages(
  { method, key, most }: PageList,
  ask: (method: string, params: JsonObject) => Promise<RpcAnswer>,
): Promise<PagedList> {
  const entries: unknown[] = [];
  let bytes = 0;
  let cursor: string | undefined;
  for (let page = 0; page < DEFINITION_LIMITS.pages; page += 1) {
    const answer = await ask(method, cursor === undefined ? {} : { cursor });
    if ('error' in answer) {
      if (cursor === undefined && answer.error.code === RpcCode.methodNotFound) return { entries, more: false };
      throw toAnswerFailure(answer.error);
    }
    const listed = Entries.safeParse(answer.result[key]);
    const next = Cursor.safeParse(answer.result['nextCursor']);
    if (!listed.success || !next.success) {
      throw new UpstreamFailure('upstream_protocol', `The server's answer to ${method} is malformed.`);
    }
    for (const entry of listed.data) entries.push(entry);
    bytes += JSON.stringify(answer.result).length;
    if (entries.length > most || bytes > MOST_BYTES) break;
    if (next.data === undefined || next.data === null || next.data === '') return { entries, more: false };
    cursor = next.data;
  }
  return { entries: entries.slice(0, most), more: true };
}

/** All tools of a server. Rejects with UpstreamFailure when it lists without end, because a part of them would say nothing about the rest. */
export async function listTools(ask: (method: string, params: JsonObject) => Promise<RpcAnswer>): Promise<unknown[]> {
  const { entries, more } = await listPages(TOOL_LIST, ask);
  if (!more) return entries;
  throw new UpstreamFailure(
    'upstream_too_large',
    `The server lists more than ${TOOL_LIST.most} tools, ${DEFINITION_LIMITS.pages} pages or ${MOST_BYTES / 1024 / 1024} MB.`,
  );
}
