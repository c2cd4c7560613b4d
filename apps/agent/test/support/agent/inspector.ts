import { once } from 'node:events';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

import type { AgentProcess } from './agent-process.ts';

const ROOT = join(import.meta.dirname, '../../../../..');

interface Answer {
  id: number;
  result: unknown;
  error?: { message: string };
}

/** What V8 counted in one script since it was asked last. */
interface ScriptCoverage {
  url: string;
  functions: { ranges: { count: number }[] }[];
}

/** Looks into a process that was started with `--inspect`: which files of the repository run, and who waits for a request. */
export class Inspector {
  readonly #socket: WebSocket;
  #lastId = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** From here on functions are counted, and the stacks of requests that leave are kept. */
  async start(): Promise<void> {
    await this.#post('Profiler.enable');
    await this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    await this.evaluate(`
      Error.stackTraceLimit = 100;
      globalThis.stacks = [];
      process.getBuiltinModule('node:diagnostics_channel')
        .subscribe('undici:request:create', () => globalThis.stacks.push(new Error().stack));
    `);
  }

  /** The files in which a function ran since this was asked last. */
  async takeFiles(): Promise<string[]> {
    const { result } = (await this.#post('Profiler.takePreciseCoverage')) as { result: ScriptCoverage[] };
    const ran = result.filter(({ functions }) => functions.some(({ ranges: [whole] }) => whole && whole.count > 0));
    return ran.flatMap(({ url }) => toSource(url)).sort();
  }

  /** The files on the stack of each request to a server since this was asked last, from the outermost in; neighbours count once. */
  async takeStacks(): Promise<string[][]> {
    const stacks = (await this.evaluate('globalThis.stacks.splice(0)')) as string[];
    return stacks.map((stack) =>
      [...stack.matchAll(/file:\/\/[^\s)]+?(?=:\d+:\d+)/g)]
        .flatMap(([url]) => toSource(url))
        .filter((file, index, files) => file !== files[index - 1])
        .toReversed(),
    );
  }

  /** Resolves with the value of an expression, awaited in the process. */
  async evaluate(expression: string): Promise<unknown> {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result } = (await this.#post('Runtime.evaluate', options)) as { result: { value?: unknown } };
    return result.value;
  }

  async #post(method: string, params: object = {}): Promise<unknown> {
    const id = (this.#lastId += 1);
    this.#socket.send(JSON.stringify({ id, method, params }));
    for (;;) {
      const [data] = (await once(this.#socket, 'message')) as [Buffer];
      const answer = JSON.parse(data.toString()) as Answer;
      if (answer.id !== id) continue;
      if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
      return answer.result;
    }
  }
}

/** Closed when the test is over. */
export async function openInspector(agent: AgentProcess): Promise<Inspector> {
  // a serving agent starts twice; the first inspector is gone
  const second = /listening on ws:.*listening on (ws:\S+)/s;
  const [, url = ''] = second.exec(await agent.waitForOutput(second)) ?? [];
  const socket = new WebSocket(url);
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  return new Inspector(socket);
}

function toSource(url: string): string[] {
  if (!url.startsWith('file:')) return [];
  const file = relative(ROOT, fileURLToPath(url));
  return /^(?:apps|packages)\/[\w-]+\/src\//.test(file) ? [file] : [];
}
