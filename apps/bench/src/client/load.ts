import type { Caller } from './caller.ts';

export interface LoadResult {
  /** of every call that succeeded, milliseconds */
  latencies: number[];
  /** calls without a success or with another text than was sent */
  errors: number;
  wallMs: number;
}

const TEXT_LENGTH = 256;
const WORDS = 'the order was packed this morning and leaves the warehouse before noon together with two others ';

/** A text of `length` characters, ASCII, that no other call of this run has. */
export function makeText(number: number, length = TEXT_LENGTH): string {
  const head = `${number} `;
  return head + getFill(length).slice(head.length, length);
}

/** By length: making one takes longer than a call. */
const fills = new Map<number, string>();

function getFill(length: number): string {
  const known = fills.get(length) ?? WORDS.repeat(Math.ceil(length / WORDS.length));
  fills.set(length, known);
  return known;
}

let sent = 0;

export interface Load {
  tool: string;
  calls: number;
  /** characters of the text of each call; 256 when left out */
  textLength?: number;
  /** no further call is started after this time */
  limitMs?: number;
}

/** Makes the calls, shared by the callers, each of which starts its next call when it has the answer to the last one. */
export async function runLoad(
  callers: readonly Caller[],
  { tool, calls, textLength, limitMs = Number.POSITIVE_INFINITY }: Load,
): Promise<LoadResult> {
  const latencies: number[] = [];
  let errors = 0;
  let left = calls;
  const start = performance.now();
  const work = async (caller: Caller) => {
    while (left > 0 && performance.now() - start < limitMs) {
      left -= 1;
      const text = makeText((sent += 1), textLength);
      const from = performance.now();
      const echo = await caller.call(tool, text).catch(() => null);
      const took = performance.now() - from;
      if (echo === text) latencies.push(took);
      else errors += 1;
    }
  };
  await Promise.all(callers.map(work));
  return { latencies, errors, wallMs: performance.now() - start };
}
