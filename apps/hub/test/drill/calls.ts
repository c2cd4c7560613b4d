import { setTimeout as delay } from 'node:timers/promises';

import { z } from 'zod';

import { openClient } from '../support/site.ts';

/** A server with one tool, which takes the number of the call. */
export const NUMBERED_SERVER: Readonly<Record<string, object>> = {
  initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'orders', version: '1' } },
  'tools/list': {
    tools: [
      {
        name: 'find',
        description: 'Finds an order.',
        annotations: { readOnlyHint: true },
        inputSchema: { type: 'object', properties: { call: { type: 'integer' } } },
      },
    ],
  },
  'tools/call': { content: [{ type: 'text', text: 'found' }] },
};
const Answered = z.object({ result: z.object({ content: z.array(z.object({ text: z.literal('found') })) }) });

interface Place {
  url: string;
}

/** Calls under way at every site until they are stopped, each with a number of its own. */
export class Calls {
  /** numbers of those that were answered */
  readonly answered = new Set<number>();
  /** what was said instead of an answer, but for calls in a pause of their site */
  readonly failed: unknown[] = [];
  /** what was said in a pause of the site instead of an answer, and how often */
  readonly inPauses = new Map<string, number>();
  readonly #paused = new Set<Place>();
  readonly #loops: Promise<void>[];
  #next = 0;
  #stopped = false;

  constructor(sites: readonly Place[], slug: string, key: string) {
    this.#loops = sites.map((site) => this.#run(site, openClient(site, slug, key)));
  }

  /** While this is done calls at the site may fail. */
  async pause(site: Place, run: () => Promise<void>): Promise<void> {
    this.#paused.add(site);
    await run();
    this.#paused.delete(site);
  }

  /** Waits until so many more calls were answered. */
  async waitForMore(count: number): Promise<void> {
    for (const goal = this.answered.size + count; this.answered.size < goal;) await delay(20);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  #notePaused(answer: unknown): void {
    const said = describeRefusal(answer);
    this.inPauses.set(said, (this.inPauses.get(said) ?? 0) + 1);
  }

  async #run(site: Place, client: ReturnType<typeof openClient>): Promise<void> {
    while (!this.#stopped) {
      const call = (this.#next += 1);
      const before = this.#paused.has(site);
      const answer = await client.call('find', { call }).catch((error: unknown) => error);
      if (Answered.safeParse(answer).success) this.answered.add(call);
      else if (before || this.#paused.has(site)) this.#notePaused(answer);
      else this.failed.push(answer);
      await delay(this.#paused.has(site) ? 20 : 1);
    }
  }
}

/** The code of a connection that did not come about, or what the agent said. */
export function describeRefusal(answer: unknown): string {
  if (!(answer instanceof Error)) return JSON.stringify(answer);
  const { cause } = answer;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : answer.message;
}

/** Sites that let this key call the tool. */
export async function countServing(sites: readonly Place[], slug: string, key: string): Promise<number> {
  const lists = await Promise.all(sites.map((site) => openClient(site, slug, key).listTools()));
  return lists.filter((tools) => tools !== null && tools.length > 0).length;
}

/** The numbers of the calls whose receipts are in the database, once for each receipt. `query`: as the owner. */
export async function readCalls(query: (sql: string) => Promise<{ rows: { call: number }[] }>): Promise<number[]> {
  const { rows } = await query(
    `SELECT (document #>> '{arguments,logged,0,value}')::int AS call FROM receipt
     WHERE outcome = 'allowed' AND document #> '{arguments,logged,0}' IS NOT NULL ORDER BY 1`,
  );
  return rows.map(({ call }) => call);
}
