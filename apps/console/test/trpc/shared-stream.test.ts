import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { type Channel, SharedStream, type Windows } from '../../src/trpc/shared-stream.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

/** Locks and channels of one browser, in one process. */
class Browser implements Windows {
  readonly channels = new Map<Channel, (event: MessageEvent<unknown>) => void>();
  readonly #waiting: (() => void)[] = [];
  #isHeld = false;

  async awaitLock(_name: string, signal: AbortSignal, whenHeld: () => Promise<void>): Promise<void> {
    if (this.#isHeld) {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push(resolve);
        signal.addEventListener('abort', () => {
          this.#waiting.splice(this.#waiting.indexOf(resolve), 1);
          reject(signal.reason);
        });
      });
    }
    this.#isHeld = true;
    await whenHeld();
    this.#isHeld = false;
    this.#waiting.shift()?.();
  }

  openChannel(): Channel {
    const channel: Channel = {
      addEventListener: (_type, listener) => void this.channels.set(channel, listener),
      postMessage: (told) => this.post(told, channel),
      close: () => void this.channels.delete(channel),
    };
    return channel;
  }

  /** Told to all others, as what came through a copy. */
  post(told: unknown, from?: Channel): void {
    for (const [channel, listener] of this.channels)
      if (channel !== from) listener(new MessageEvent('message', { data: structuredClone(told) }));
  }
}

function openWindow(find: () => Windows | null) {
  const read: string[] = [];
  const stream = new SharedStream(
    'name',
    { onChange: (kind) => read.push(kind), onStarted: () => read.push('all'), onRetry: () => read.push('again') },
    find,
  );
  const seen: string[] = [];
  stream.subscribe(() => seen.push(stream.getView().state));
  return { read, seen, stream, leave: stream.join(), say: () => stream.getView() };
}

/** So many windows of one browser, the first with the stream, which began. Of two the third is the second. */
async function openBrowser(count: 2 | 3) {
  const browser = new Browser();
  const open = () => openWindow(() => browser);
  const [first, second] = [open(), open()];
  const third = count === 3 ? open() : second;
  await vi.advanceTimersByTimeAsync(0);
  first.stream.start();
  return { browser, open, first, second, third };
}

test('one window leads, and what its stream tells is read in all of them', async () => {
  const { browser, first, second, third } = await openBrowser(3);
  expect([first, second, third].map(({ say }) => say().leads)).toEqual([true, false, false]);
  expect([first, second, third].map(({ say }) => say().state)).toEqual(['live', 'live', 'live']);
  first.stream.change('server');
  // what the others say of a stream is nothing: they have none
  second.stream.start();
  second.stream.markLost();
  for (const { read } of [first, second, third]) expect(read).toEqual(['all', 'server']);
  expect(browser.channels.size).toBe(3);
});

test('a window that comes later reads again once, and the others do not', async () => {
  const { open, first, second } = await openBrowser(2);
  await vi.advanceTimersByTimeAsync(60_000);
  const late = open();
  expect(late.read).toEqual(['all']);
  expect(late.say()).toMatchObject({ leads: false, state: 'live', since: first.say().since });
  expect([first.read, second.read]).toEqual([['all'], ['all']]);
});

test('when the leader leaves the next one takes over, and its stream has every window read again without a loss in between', async () => {
  const { browser, first, second, third } = await openBrowser(3);
  first.leave();
  await vi.advanceTimersByTimeAsync(0);
  expect(first.say()).toMatchObject({ leads: false, state: 'paused' });
  expect(second.say()).toMatchObject({ leads: true, state: 'lost' });
  second.stream.start();
  second.stream.change('group');
  expect(first.read).toEqual(['all']);
  for (const { read } of [second, third]) expect(read).toEqual(['all', 'all', 'group']);
  expect(third.seen).toEqual(['connecting', 'live', 'live']);
  expect(browser.channels.size).toBe(2);
});

test('a window that was hidden waits for nothing, and reads what it missed when it is back', async () => {
  const { browser, first, second, third } = await openBrowser(3);
  second.leave();
  first.leave();
  await vi.advanceTimersByTimeAsync(0);
  expect(third.say().leads).toBe(true);
  expect(second.say().leads).toBe(false);
  third.stream.start();
  expect(second.read).toEqual(['all']);
  second.stream.join();
  expect(second.read).toEqual(['all', 'all']);
  expect(browser.channels.size).toBe(2);
});

test('a loss is seen in all windows since when it happened, and a retry makes all of them read', async () => {
  const { first, second } = await openBrowser(2);
  await vi.advanceTimersByTimeAsync(3_000);
  const at = Date.now();
  first.stream.markLost();
  await vi.advanceTimersByTimeAsync(5_000);
  first.stream.markLost();
  first.stream.retry();
  expect([first.say(), second.say()]).toEqual([
    { leads: true, state: 'lost', since: at },
    { leads: false, state: 'lost', since: at },
  ]);
  first.stream.start();
  for (const { read, say } of [first, second]) {
    expect(read).toEqual(['all', 'again', 'all']);
    expect(say().state).toBe('live');
  }
});

test('a leader that connects to nothing says so with the next beat', async () => {
  const { first, second, third } = await openBrowser(3);
  first.leave();
  await vi.advanceTimersByTimeAsync(9_999);
  expect(third.say().state).toBe('live');
  await vi.advanceTimersByTimeAsync(1);
  expect(third.say()).toMatchObject({ state: 'lost', since: second.say().since });
});

test('who hears nothing of the leader says so, and nothing else once it is there again', async () => {
  const { browser, second } = await openBrowser(2);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(second.seen).toEqual(['connecting', 'live']);
  const heardAt = Date.now();
  const since = second.say().since;
  const [leader] = [...browser.channels.keys()];
  if (leader) browser.channels.delete(leader);
  browser.post = () => undefined;
  await vi.advanceTimersByTimeAsync(25_000);
  expect(second.say()).toEqual({ leads: false, state: 'lost', since: heardAt });
  Browser.prototype.post.call(browser, { type: 'state', state: 'live', since });
  expect(second.say().state).toBe('live');
  expect(second.read).toEqual(['all']);
});

test('what is no message of a window is left', async () => {
  const { browser, first, second } = await openBrowser(2);
  const wrong = [
    null,
    'live',
    { type: 'change', kind: 'toString' },
    { type: 'change', kind: 7 },
    { type: 'state', state: 'paused', since: 1 },
    { type: 'state', state: 'live' },
    { type: 'leave' },
  ];
  for (const told of wrong) browser.post(told);
  expect([first.read, second.read]).toEqual([['all'], ['all']]);
  // nobody but the leader has a stream
  browser.post({ type: 'state', state: 'lost', since: 1 });
  expect(first.say().state).toBe('live');
});

test('where windows cannot find each other, and where locks are forbidden, each has a stream of its own', async () => {
  const alone = openWindow(() => null);
  expect(alone.say()).toMatchObject({ leads: true, state: 'connecting' });
  alone.stream.start();
  alone.stream.change('site');
  expect(alone.read).toEqual(['all', 'site']);
  alone.leave();
  expect(alone.say()).toMatchObject({ leads: false, state: 'paused' });
  alone.stream.join();
  expect(alone.say()).toMatchObject({ leads: true, state: 'lost' });

  const browser = new Browser();
  browser.awaitLock = () => Promise.reject(new DOMException('forbidden', 'SecurityError'));
  const windows = [openWindow(() => browser), openWindow(() => browser)];
  await vi.advanceTimersByTimeAsync(0);
  expect(windows.map(({ say }) => say().leads)).toEqual([true, true]);
});
