import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Dispatcher } from 'undici';
import { expect, test } from 'vitest';

import { boundAnswers } from '../../src/outbound/answer-bound.ts';

const KB = 1024;
const MOST = 300 * KB;

/** Answers of which a test sends the parts itself. As in undici, none can be resumed from within what brings a part of another. */
function openAnswers(stuckMs?: number) {
  const handlers: Dispatcher.DispatchHandler[] = [];
  let isBringing = false;
  const bring = (part: () => void) => {
    isBringing = true;
    try {
      part();
    } finally {
      isBringing = false;
    }
  };
  const dispatch = boundAnswers((_options, handler) => handlers.push(handler) > 0, MOST, stuckMs);
  return (origin: string, headers: Record<string, string> = {}) => {
    const controller = {
      aborted: false,
      paused: false,
      reason: null as Error | null,
      abort(error: Error) {
        controller.aborted = true;
        controller.reason = error;
        handler?.onResponseError?.(controller, error);
      },
      pause: () => void (controller.paused = true),
      resume() {
        if (isBringing) throw new Error('there is one parser');
        controller.paused = false;
      },
    };
    const reader: { flow: Dispatcher.DispatchController | null; bytes: number } = { flow: null, bytes: 0 };
    const waits: string[] = [];
    const onNoRoom = (over: Promise<void>) => {
      waits.push('held back');
      void over.then(() => waits.push('over'));
    };
    const answerBound = { maxBytes: 1_000 * KB, perEvent: false, onNoRoom };
    dispatch(Object.assign({ origin, path: '/', method: 'GET' } as const, { answerBound }), {
      onResponseStart: (flow) => void (reader.flow = flow),
      // undici holds back with what comes with the data
      onResponseData: (flow, chunk) => {
        reader.flow = flow;
        reader.bytes += chunk.length;
      },
      onResponseEnd: () => {},
      onResponseError: () => {},
    });
    const handler = handlers.at(-1);
    handler?.onResponseStart?.(controller, 200, headers);
    return {
      controller,
      reader,
      waits,
      send: (kilobytes: number) => bring(() => handler?.onResponseData?.(controller, Buffer.alloc(kilobytes * KB))),
      end: () => bring(() => handler?.onResponseEnd?.(controller, {})),
    };
  };
}

test('when the answers of a server together are too large, all but the oldest are held back until there is room', async () => {
  const open = openAnswers();
  const [first, second, third] = [open('http://a'), open('http://a'), open('http://a')];
  for (const answer of [first, second]) answer.send(140);
  third.send(140);
  expect([first, second, third].map(({ controller }) => controller.paused)).toEqual([false, false, true]);
  // what was on its way still comes
  second.send(40);
  first.send(400);
  expect([first, second, third].map(({ controller }) => controller.paused)).toEqual([false, true, true]);
  first.end();
  await nextTurn();
  expect([second, third].map(({ controller }) => controller.paused)).toEqual([false, true]);
  second.end();
  await nextTurn();
  expect(third.controller.paused).toBe(false);
  expect([first, second, third].map(({ reader }) => reader.bytes / KB)).toEqual([540, 180, 140]);
});

test('an answer that fails or is given up makes room, and another server is not held back', async () => {
  const open = openAnswers();
  const [first, second, other] = [open('http://a'), open('http://a'), open('http://b')];
  first.send(200);
  second.send(200);
  other.send(200);
  expect([second, other].map(({ controller }) => controller.paused)).toEqual([true, false]);
  first.controller.abort(new Error('gone'));
  await nextTurn();
  expect(second.controller.paused).toBe(false);
});

test('an answer goes on when its reader and the room both let it', async () => {
  const open = openAnswers();
  const [first, second] = [open('http://a'), open('http://a')];
  first.send(200);
  second.send(200);
  second.reader.flow?.pause();
  second.reader.flow?.resume();
  expect(second.controller.paused).toBe(true);
  second.reader.flow?.pause();
  first.end();
  await nextTurn();
  expect(second.controller.paused).toBe(true);
  second.reader.flow?.resume();
  expect(second.controller.paused).toBe(false);
});

test('small answers count for nobody, and are handed on with the connection that they came by', () => {
  const open = openAnswers();
  const small = Array.from({ length: 20 }, () => open('http://a', { 'content-length': String(60 * KB) }));
  for (const answer of small) answer.send(60);
  expect(small.every(({ controller, reader }) => !controller.paused && reader.flow === controller)).toBe(true);
});

test('what a reader holds back as its data comes stays held back when there is room again', async () => {
  const open = openAnswers();
  const [first, second] = [open('http://a'), open('http://a')];
  first.send(200);
  second.send(140);
  second.reader.flow?.pause();
  first.end();
  await nextTurn();
  expect(second.controller.paused).toBe(true);
  second.reader.flow?.resume();
  expect(second.controller.paused).toBe(false);
});

test('who waits for an answer is told when it is held back, and when that is over: it goes on, fails or is given up', async () => {
  const open = openAnswers();
  const [first, second, third, fourth] = [open('http://a'), open('http://a'), open('http://a'), open('http://a')];
  first.send(200);
  for (const answer of [second, third, fourth]) answer.send(140);
  await nextTurn();
  expect([first, second, third].map(({ waits }) => waits)).toEqual([[], ['held back'], ['held back']]);
  third.controller.abort(new Error('nobody waits'));
  await nextTurn();
  expect([second, third].map(({ waits }) => waits)).toEqual([['held back'], ['held back', 'over']]);
  first.end();
  await nextTurn();
  expect([first.waits, second.waits]).toEqual([[], ['held back', 'over']]);
});

test('an answer that brings nothing is not waited for, and no more than one other goes on beside it', async () => {
  const open = openAnswers(20);
  const [first, second, third] = [open('http://a'), open('http://a'), open('http://a')];
  first.send(200);
  for (const answer of [second, third]) answer.send(140);
  const isPaused = () => [first, second, third].map(({ controller }) => controller.paused);
  expect(isPaused()).toEqual([false, true, true]);
  await expect.poll(isPaused).toEqual([false, false, true]);
  // it is the oldest again once it brings something, and both others wait for it
  first.send(10);
  second.send(10);
  expect(isPaused()).toEqual([false, true, true]);
  first.end();
  second.end();
  third.end();
});
