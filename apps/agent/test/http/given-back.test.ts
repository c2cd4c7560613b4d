import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

import { expect, test, vi } from 'vitest';

import { IdleCollection } from '../../src/http/idle-collection.ts';
import { readBody } from '../../src/http/request.ts';

const countListeners = (request: IncomingMessage) =>
  ['data', 'end', 'error', 'close'].map((event) => [event, request.listenerCount(event)]);

test('a request holds nothing of its body once that was read: a kept connection keeps its last request', async () => {
  const request = new IncomingMessage(new Socket());
  const before = countListeners(request);
  const read = readBody(request);
  request.push('whole');
  request.push(null);
  expect(String((await read)?.join(''))).toBe('whole');
  expect(countListeners(request)).toEqual(before);
});

test('a body that is too large is given up with what came of it', async () => {
  const request = new IncomingMessage(new Socket());
  const before = countListeners(request);
  const read = readBody(request, 3);
  request.push('whole');
  expect(await read).toBeNull();
  expect(countListeners(request)).toEqual(before);
});

test('garbage is collected once when enough has passed and nothing is under way', () => {
  vi.useFakeTimers();
  const collect = vi.fn();
  const collection = new IdleCollection({ worthBytes: 100, quietMs: 10, collect });
  collection.note(60, true);
  vi.advanceTimersByTime(50);
  collection.note(60, false);
  vi.advanceTimersByTime(50);
  expect(collect).toHaveBeenCalledTimes(0);
  collection.note(1, true);
  collection.note(1, true);
  vi.advanceTimersByTime(9);
  // something begins, and ends
  collection.note(0, false);
  vi.advanceTimersByTime(9);
  expect(collect).toHaveBeenCalledTimes(0);
  collection.note(0, true);
  vi.advanceTimersByTime(50);
  collection.note(0, true);
  vi.advanceTimersByTime(50);
  expect(collect).toHaveBeenCalledTimes(1);
  collection.note(100, true);
  collection.close();
  vi.advanceTimersByTime(50);
  expect(collect).toHaveBeenCalledTimes(1);
  vi.useRealTimers();
});

test('the heap grows as V8 decides while large calls pass, and to twice of what is held otherwise', () => {
  const flags: string[] = [];
  const collection = new IdleCollection({ collect: () => {}, setFlag: (flag) => flags.push(flag) });
  const noteAll = (calls: number, bytes: number) => {
    for (let i = 0; i < calls; i++) collection.note(bytes, false);
  };
  noteAll(100, 600);
  expect(flags).toEqual(['--heap-growing-percent=100']);
  noteAll(1, 2_000_000);
  expect(flags).toEqual(['--heap-growing-percent=100', '--heap-growing-percent=0']);
  noteAll(100, 128_000);
  expect(flags).toHaveLength(2);
  noteAll(60, 600);
  expect(flags).toEqual(['--heap-growing-percent=100', '--heap-growing-percent=0', '--heap-growing-percent=100']);
  // one of them among many small ones is forgotten at once
  noteAll(1, 128_000);
  noteAll(100, 600);
  expect(flags).toHaveLength(3);
  collection.close();
});

test('what collects is there without a flag of the process', () => {
  const collection = new IdleCollection({ worthBytes: 0, quietMs: 0 });
  expect(() => collection.note(0, true)).not.toThrow();
  collection.close();
});
