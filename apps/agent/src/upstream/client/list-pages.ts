import { hash } from 'node:crypto';

import * as z from 'zod';

import { dropAbsentFields } from '@gatehouse/policy/documents/absent-fields';
import { ENTRY_LIMITS, type EntryKind } from '@gatehouse/policy/documents/catalogue-entry';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import { DEFINITION_LIMITS } from '@gatehouse/policy/limits/definition-limits';
import { dropDigits } from '@gatehouse/policy/schema/noted-digits';

import type { RpcAnswer } from '../../wire/json-rpc.ts';
import { METHOD, RpcCode, type Era } from '../../wire/protocol.ts';
import { toAnswerFailure, UpstreamFailure } from '../failure.ts';

/** What servers list; instructions come with the handshake. */
export type ListedKind = Exclude<EntryKind, 'instructions'>;

export interface PageList {
  kind: ListedKind;
  method: string;
  /** key of the list in a page */
  key: 'tools' | 'prompts' | 'resources' | 'resourceTemplates';
  /** what a server declares that has such a list */
  capability: 'tools' | 'prompts' | 'resources';
  /** most entries that are read */
  most: number;
}

/** The list of each kind, with as many entries as may be reviewed. */
export const LISTS: Readonly<Record<ListedKind, PageList>> = {
  tool: { kind: 'tool', method: METHOD.listTools, key: 'tools', capability: 'tools', most: ENTRY_LIMITS.tool },
  prompt: { kind: 'prompt', method: METHOD.listPrompts, key: 'prompts', capability: 'prompts', most: ENTRY_LIMITS.prompt },
  resource: {
    kind: 'resource',
    method: METHOD.listResources,
    key: 'resources',
    capability: 'resources',
    most: ENTRY_LIMITS.resource,
  },
  template: {
    kind: 'template',
    method: METHOD.listTemplates,
    key: 'resourceTemplates',
    capability: 'resources',
    most: ENTRY_LIMITS.template,
  },
};
/** bytes of a whole list as JSON */
const MOST_BYTES = 20 * 1024 * 1024;

const Entries = z.array(z.unknown());
const Cursor = z.string().max(8_192).nullish();
/** What is no such number says nothing, and neither does 0, which the SDKs send for servers that set none. */
const Ttl = z.number().positive().catch(Infinity);

export interface PagedList {
  entries: unknown[];
  /** why it may lack what the server lists, as the end of a sentence: "it leads back to a page of before"; null: it is whole */
  cut: string | null;
  /** how long the server says that the list holds, milliseconds: the shortest time that a page named; Infinity when none did */
  ttlMs: number;
}

/**
 * A list as the server sent it with all digits of its numbers, null in an optional field being the same as its absence; empty when the server does not know the method. `era` says by
 * which rule it ends, `ask` sends one request. Of a list without end, what was read is kept. Rejects with UpstreamFailure.
 */
export async function listPages({ kind, method, key, most }: PageList, era: Era, ask: AskForPage): Promise<PagedList> {
  const entries: unknown[] = [];
  const asked = new Set<string>();
  let bytes = 0;
  let ttlMs = Infinity;
  let cursor: string | undefined;
  const seen = new Set<string>();
  let before = '';
  let cut = `it has more than ${DEFINITION_LIMITS.pages} pages`;
  for (let page = 0; page < DEFINITION_LIMITS.pages; page += 1) {
    const answer = await ask(method, cursor === undefined ? {} : { cursor });
    if ('error' in answer) {
      if (cursor === undefined && answer.error.code === RpcCode.methodNotFound) return { entries, cut: null, ttlMs };
      throw toAnswerFailure(answer.error);
    }
    const { result } = answer;
    const text = JSON.stringify(result);
    const listed = Entries.safeParse(result[key]);
    const next = Cursor.safeParse(result['nextCursor']);
    if (!listed.success || !next.success) {
      throw new UpstreamFailure('upstream_protocol', `The server's answer to ${method} is malformed.`);
    }
    // a server that means the end by an empty cursor begins again when it is given one
    if (cursor === '' && text === before) return { entries, cut: null, ttlMs };
    const following = readNext(next.data, era);
    const digest = hash('sha256', JSON.stringify(listed.data));
    // it takes no notice of its cursors
    if (following !== null && listed.data.length > 0 && seen.has(digest)) {
      cut = BACK;
      break;
    }
    seen.add(digest);
    for (const entry of listed.data) entries.push(dropAbsentFields(kind, isJsonObject(entry) ? dropDigits(entry) : entry));
    ttlMs = Math.min(ttlMs, Ttl.parse(result['ttlMs']));
    bytes += text.length;
    if (entries.length > most || bytes > MOST_BYTES) {
      cut =
        entries.length > most
          ? `it has more than ${most.toLocaleString('en')}`
          : `it is larger than ${MOST_BYTES / 1024 / 1024} MB`;
      break;
    }
    if (following === null) return { entries, cut: null, ttlMs };
    if (asked.has(following)) {
      cut = BACK;
      break;
    }
    asked.add(following);
    cursor = following;
    before = text;
  }
  return { entries: entries.slice(0, most), cut, ttlMs };
}

const BACK = 'it leads back to a page of before';

type AskForPage = (method: string, params: JsonObject) => Promise<RpcAnswer>;

/** Null: the list ends here. Since 2026-07-28 an empty cursor is one like any other. Before, servers meant the end by it. */
function readNext(next: string | null | undefined, era: Era): string | null {
  return next === undefined || (next === '' && era === 'legacy') ? null : next;
}
