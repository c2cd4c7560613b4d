import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { SdkHttpError } from '@modelcontextprotocol/client';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { buildTransportOptions, openLegacy, openModern, type ExercisedClient, type Target } from '../clients/exercise.ts';

export type Era = 'legacy' | 'modern';

/** What all sessions together have done. */
export class SoakCounts {
  calls = 0;
  cancelled = 0;
  sessions = 0;
  readonly errors: string[] = [];
  readonly wrong: string[] = [];
}

interface Turn {
  opened: ExercisedClient;
  counts: SoakCounts;
}

/** Opens sessions one after the other and makes calls in each, with a pause between them, until `signal`. Never rejects. */
export async function keepCalling(
  target: Target,
  era: Era,
  { counts, pauseMs, signal }: { counts: SoakCounts; pauseMs: number; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const legacy = new StreamableHTTPClientTransport(new URL(target.mcpUrl), buildTransportOptions(target));
      const opened = await (era === 'legacy' ? openLegacy(target, legacy) : openModern(target, { pin: '2026-07-28' }));
      counts.sessions += 1;
      try {
        const turns = 20 + Math.floor(Math.random() * 60);
        for (let turn = 0; turn < turns && !signal.aborted; turn += 1) {
          await makeOneCall({ opened, counts });
          await pause(pauseMs * (0.5 + Math.random()), signal);
        }
      } finally {
        // a client that only goes leaves its session, and with it a connection to the server, for half an hour
        if (era === 'legacy') await legacy.terminateSession();
        await opened.client.close();
      }
    } catch (error) {
      counts.errors.push(`${era}: ${describe(error)}`);
      await pause(1_000, signal);
    }
  }
}

function describe(error: unknown): string {
  // the older library calls the status `code`
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  const status = error instanceof SdkHttpError ? ` (HTTP ${error.status} ${error.statusText ?? ''})` : code;
  return `${String(error).slice(0, 300)}${status}`;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

const KINDS = [echo, echo, echo, echo, readTemplate, getPrompt, followProgress, fail, cancel] as const;

async function makeOneCall(turn: Turn): Promise<void> {
  const kind = KINDS[Math.floor(Math.random() * KINDS.length)] ?? echo;
  turn.counts.calls += 1;
  await kind(turn);
}

/** An answer that does not carry what this very call sent belongs to somebody else. */
function expectIn(answer: unknown, mark: string, { counts }: Turn): void {
  const text = JSON.stringify(answer);
  if (!text.includes(mark)) counts.wrong.push(`expected ${mark}, got ${text.slice(0, 300)}`);
}

async function echo(turn: Turn): Promise<void> {
  const mark = randomUUID();
  expectIn(await turn.opened.call({ name: 'test_custom_headers', arguments: { region: mark } }), mark, turn);
}

async function readTemplate(turn: Turn): Promise<void> {
  const mark = randomUUID();
  expectIn(await turn.opened.client.readResource({ uri: `test://template/${mark}/data` }), mark, turn);
}

async function getPrompt(turn: Turn): Promise<void> {
  const mark = randomUUID();
  const prompt = { name: 'test_prompt_with_arguments', arguments: { arg1: mark, arg2: 'two' } };
  expectIn(await turn.opened.client.getPrompt(prompt), mark, turn);
}

async function followProgress(turn: Turn): Promise<void> {
  const reported: number[] = [];
  await turn.opened.call({ name: 'test_tool_with_progress', arguments: {} }, (step) => void reported.push(step.progress));
  if (reported.join() !== '0,50,100') turn.counts.wrong.push(`expected progress 0,50,100, got ${reported.join()}`);
}

async function fail(turn: Turn): Promise<void> {
  expectIn(await turn.opened.call({ name: 'test_error_handling', arguments: {} }), '"isError":true', turn);
}

/** Gives up as soon as the call reports that it runs. */
async function cancel(turn: Turn): Promise<void> {
  const giveUp = new AbortController();
  try {
    await turn.opened.call({ name: 'test_tool_with_progress', arguments: {} }, () => giveUp.abort(), giveUp.signal);
    turn.counts.wrong.push('a cancelled call was answered');
  } catch (error) {
    if (!giveUp.signal.aborted) throw error;
    turn.counts.cancelled += 1;
  }
}
