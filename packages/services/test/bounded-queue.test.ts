import { expect, test } from 'vitest';

import { BoundedQueue, BusyError } from '../src/work/bounded-queue.ts';

/** Pieces of work that a test ends by hand, in the order in which they were begun. */
function makeWork() {
  const begun: { origin: string; end: () => void }[] = [];
  const work = (origin: string) => () => new Promise<void>((resolve) => begun.push({ origin, end: resolve }));
  return { begun, work };
}

test('so much runs, so much waits, and the rest is refused at once', async () => {
  const queue = new BoundedQueue({ atATime: 2, waiting: 3, perOrigin: 100 });
  const { begun, work } = makeWork();
  const asked = Array.from({ length: 6 }, (_, index) => queue.run(`${index}`, work(`${index}`)));
  await expect(asked[5]).rejects.toBeInstanceOf(BusyError);
  expect([begun.length, queue.waiting]).toEqual([2, 3]);
  for (let ended = 0; ended < 5; ended += 1) {
    begun[ended]?.end();
    await asked[ended];
  }
  await expect(queue.run('later', async () => 'done')).resolves.toBe('done');
});

test('T-57: one origin cannot fill the queue, so another one is not far from its turn', async () => {
  const queue = new BoundedQueue({ atATime: 1, waiting: 64, perOrigin: 4 });
  const { begun, work } = makeWork();
  const flood = await Promise.race([
    Promise.allSettled(Array.from({ length: 100 }, () => queue.run('flood', work('flood')))),
    new Promise((resolve) => setImmediate(resolve)),
  ]);
  expect([flood, queue.waiting]).toEqual([undefined, 3]);
  const other = queue.run('other', work('other'));
  for (let ended = 0; ended < 4; ended += 1) {
    begun[ended]?.end();
    await expect.poll(() => begun.length).toBe(ended + 2);
  }
  begun[4]?.end();
  await other;
  expect(begun.map(({ origin }) => origin)).toEqual(['flood', 'flood', 'other', 'flood', 'flood']);
});

test('T-57: however many strangers wait, who is known has the next turn, and too many of those are refused too', async () => {
  const queue = new BoundedQueue({ atATime: 1, waiting: 2, perOrigin: 1 });
  const { begun, work } = makeWork();
  const strangers = ['a', 'b', 'c'].map((origin) => queue.run(origin, work(origin)));
  await expect(queue.run('d', work('d'))).rejects.toBeInstanceOf(BusyError);
  const known = ['e', 'f'].map((origin) => queue.run(origin, work(origin), { lane: 'known' }));
  await expect(queue.run('g', work('g'), { lane: 'known' })).rejects.toBeInstanceOf(BusyError);
  for (let ended = 0; ended < 5; ended += 1) {
    await expect.poll(() => begun.length).toBe(ended + 1);
    begun[ended]?.end();
  }
  await Promise.all([...strangers, ...known]);
  expect(begun.map(({ origin }) => origin)).toEqual(['a', 'e', 'f', 'b', 'c']);
});

test('T-57: groups take turns, and who asks for little takes the place of who asks for much', async () => {
  const queue = new BoundedQueue({ atATime: 1, waiting: 4, perOrigin: 8 });
  const { begun, work } = makeWork();
  const spray = Array.from({ length: 5 }, (_, index) => queue.run(`spray ${index}`, work('spray'), { group: 'spray' }));
  const refused = Promise.allSettled(spray.slice(3));
  const [one, two] = [queue.run('one', work('one')), queue.run('two', work('two'))];
  expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  // each of them waits for as much as a newcomer would
  await expect(queue.run('spray 5', work('spray'), { group: 'spray' })).rejects.toBeInstanceOf(BusyError);
  for (let ended = 0; ended < 5; ended += 1) {
    await expect.poll(() => begun.length).toBe(ended + 1);
    begun[ended]?.end();
  }
  await Promise.all([one, two, ...spray.slice(0, 3)]);
  expect(begun.map(({ origin }) => origin)).toEqual(['spray', 'spray', 'one', 'two', 'spray']);
  await expect(queue.run('later', async () => 'done')).resolves.toBe('done');
});

test('T-57: strangers get turns, however many wait who are known', async () => {
  const queue = new BoundedQueue({ atATime: 1, waiting: 8, perOrigin: 8 });
  const { begun, work } = makeWork();
  const first = queue.run('first', work('first'));
  const known = Array.from({ length: 5 }, () => queue.run('known', work('known'), { lane: 'known' }));
  const stranger = queue.run('stranger', work('stranger'));
  for (let ended = 0; ended < 7; ended += 1) {
    await expect.poll(() => begun.length).toBe(ended + 1);
    begun[ended]?.end();
  }
  await Promise.all([first, ...known, stranger]);
  expect(begun.map(({ origin }) => origin).indexOf('stranger')).toBe(4);
});

test('work that fails gives its place back', async () => {
  const queue = new BoundedQueue({ atATime: 1, waiting: 0, perOrigin: 1 });
  const failing = () => queue.run('a', () => Promise.reject(new Error('no')));
  await expect(failing()).rejects.toThrow('no');
  await expect(failing()).rejects.toThrow('no');
});
