import { expect, test, vi } from 'vitest';

import { countTokens } from '../../src/features/profile/tool/count-tokens.ts';

/** The browser's Worker: the module of the thread, run in this one. */
class LocalWorker extends EventTarget {
  readonly loaded: Promise<(event: MessageEvent) => void>;
  ended = false;

  constructor(url: URL) {
    super();
    opened.push(this);
    this.loaded = new Promise((resolve) => {
      vi.stubGlobal('addEventListener', (_type: string, listen: (event: MessageEvent) => void) => resolve(listen));
    });
    vi.stubGlobal('postMessage', (data: unknown) => this.dispatchEvent(new MessageEvent('message', { data })));
    void import(url.href);
  }

  postMessage(data: unknown): void {
    void this.loaded.then((listen) => listen(new MessageEvent('message', { data })));
  }

  terminate(): void {
    this.ended = true;
  }
}

/** One that never gets its script. */
class FailingWorker extends LocalWorker {
  override postMessage(): void {
    // nobody listens
  }
}

const opened: LocalWorker[] = [];
const count = (...texts: string[]) => new Promise((resolve) => countTokens(texts, resolve));

test('a thread that cannot be loaded leaves every figure out, complains of nothing, and the next question has one that can count', async () => {
  vi.stubGlobal('Worker', FailingWorker);
  const asked = [count('a'), count('b')];
  expect(opened).toHaveLength(1);
  const [failing] = opened.splice(0);
  const failure = new Event('error', { cancelable: true });
  failing?.dispatchEvent(failure);
  expect(await Promise.all(asked)).toEqual([null, null]);
  expect(failing?.ended).toBe(true);
  expect(failure.defaultPrevented, 'the browser is not left to print it').toBe(true);

  vi.stubGlobal('Worker', LocalWorker);
  expect(await count('{"name":"get_order"}', '<|endoftext|> is text like any other')).toEqual([6, 12]);
});

test('one thread answers all questions, and not those that nobody waits for any more', async () => {
  const answers: unknown[] = [];
  countTokens(['left before it was counted'], (tokens) => answers.push(tokens))();
  countTokens(['one', 'two words'], (tokens) => answers.push(tokens));
  expect(await count('')).toEqual([0]);
  expect(answers).toEqual([[1, 2]]);
  expect(opened).toHaveLength(1);
});
