import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

import { expect, test } from 'vitest';

import { InFlight, type Hold, type InFlightLimits } from '../../src/http/in-flight.ts';

const KB = 1024;
const MB = 1024 * KB;

/** Requests without a network: each has a body of so many bytes, and is over when `end` is called. */
function open(limits: Partial<InFlightLimits> = {}) {
  const inFlight = new InFlight({ totalBytes: 16 * MB, waitMs: 600_000, ...limits });
  return (owner: string, bytes: number) => {
    const request = new IncomingMessage(new Socket());
    request.headers['content-length'] = String(bytes);
    const response = new ServerResponse(request);
    const state: { hold: Hold | null | 'waits' } = { hold: 'waits' };
    const taken = inFlight.take(request, response, owner);
    if (taken instanceof Promise) void taken.then((hold) => (state.hold = hold));
    else state.hold = taken;
    return {
      response,
      getHold: () => {
        if (state.hold === null || state.hold === 'waits') throw new Error('no room');
        return state.hold;
      },
      read: async () => {
        await Promise.resolve();
        return state.hold === 'waits' ? 'waits' : state.hold === null ? 'refused' : 'has room';
      },
      end: () => void response.emit('close'),
    };
  };
}

test('answers that a key does not read count for it and for nobody else', async () => {
  const take = open();
  for (let reader = 0; reader < 3; reader += 1)
    take('slow', KB)
      .getHold()
      .addAnswer(8 * MB);
  expect(await take('other', MB).read()).toBe('has room');
  expect(await take('slow', MB).read()).toBe('waits');
  expect(await take('slow', KB).read()).toBe('waits');
});

/** What waits for a client in this process, and whether it was cut off. */
function readBy(response: ServerResponse, waiting: number) {
  const { socket } = response.req;
  const state = { waiting };
  Object.defineProperty(socket, 'bytesWritten', { get: () => state.waiting });
  Object.defineProperty(socket, 'writableLength', { get: () => state.waiting });
  return Object.assign(state, { isCut: () => socket.destroyed });
}

test('more of what servers answer to a key is read when less waits for it than may', async () => {
  const take = open({ unreadBytes: 8 * MB });
  const [first, second, third] = [take('slow', KB), take('slow', KB), take('slow', KB)];
  const [one, two] = [readBy(first.response, 6 * MB), readBy(second.response, 6 * MB)];
  first.getHold().addAnswer(6 * MB);
  expect(third.getHold().waitForReader()).toBeNull();
  second.getHold().addAnswer(6 * MB);
  const reading = third.getHold().waitForReader();
  expect(third.getHold().waitForReader()).toBe(reading);
  expect(take('other', KB).getHold().waitForReader()).toBeNull();
  two.waiting = MB;
  await reading;
  expect(third.getHold().waitForReader()).toBeNull();
  two.waiting = 6 * MB;
  const again = third.getHold().waitForReader();
  first.end();
  await again;
  expect([one.isCut(), two.isCut()]).toEqual([false, false]);
});

test('T-57: of answers that come all the same the one that waits longest is cut off', () => {
  const take = open({ unreadBytes: 8 * MB });
  const answers = [1, 2, 3].map(() => take('slow', KB));
  const readers = answers.map(({ response }) => readBy(response, 6 * MB));
  for (const answer of answers) answer.getHold().addAnswer(6 * MB);
  expect(readers.map((reader) => reader.isCut())).toEqual([true, false, false]);
});

test('small bodies count for their key, and leave room for the others', async () => {
  const take = open({ totalBytes: MB });
  const own = await Promise.all(Array.from({ length: 40 }, () => take('many', 60 * KB).read()));
  expect(own.filter((state) => state === 'has room')).toHaveLength(12);
  expect(await take('other', 60 * KB).read()).toBe('has room');
});

test('a request without a body that ends late does not make what its key holds forgotten', async () => {
  const take = open();
  const empty = take('busy', 0);
  take('busy', KB).end();
  for (let call = 0; call < 2; call += 1) take('busy', 4 * MB).getHold();
  empty.end();
  expect(await take('busy', 4 * MB).read()).toBe('waits');
});

test('keys with much under way never fill all of it: each further request leaves free what its key holds', async () => {
  const take = open();
  for (const key of ['a', 'b', 'c']) for (let call = 0; call < 16; call += 1) take(key, MB);
  expect(await take('d', 2 * MB).read()).toBe('has room');
});

test('what is given back goes to the key that holds least, whenever it came', async () => {
  const take = open({ totalBytes: 4 * MB });
  const [first] = [take('a', 2 * MB), take('b', 2 * MB)];
  const again = take('a', MB);
  const third = take('c', MB);
  first.end();
  expect([await third.read(), await again.read()]).toEqual(['has room', 'has room']);
  const busy = open({ totalBytes: 4 * MB });
  const [held, , more, fresh] = [busy('a', 2 * MB), busy('b', 2 * MB), busy('b', 2 * MB), busy('c', 2 * MB)];
  held.end();
  expect([await more.read(), await fresh.read()]).toEqual(['waits', 'has room']);
});

test('a request that leaves while it waits lets those go on that waited behind it', async () => {
  const take = open({ totalBytes: MB });
  take('a', 600 * KB);
  const [large, behind] = [take('b', 900 * KB), take('c', 100 * KB)];
  expect([await large.read(), await behind.read()]).toEqual(['waits', 'waits']);
  large.end();
  expect([await large.read(), await behind.read()]).toEqual(['refused', 'has room']);
});

test('one key does not take every place to wait', async () => {
  const take = open({ totalBytes: MB, waiting: 10 });
  take('a', MB);
  const own = await Promise.all(Array.from({ length: 10 }, () => take('b', MB).read()));
  expect(own.filter((state) => state === 'waits')).toHaveLength(5);
  expect(await take('c', MB).read()).toBe('waits');
});

test('however many of those that wait are gone already, room goes round without a call inside of a call', async () => {
  const take = open({ totalBytes: MB, waiting: 20_000 });
  const first = take('a', MB);
  const gone = Array.from({ length: 8_000 }, () => take('b', MB));
  const last = take('c', MB);
  for (const { response } of gone) response.destroy();
  first.end();
  expect([await gone[0]?.read(), await last.read()]).toEqual(['has room', 'has room']);
});
