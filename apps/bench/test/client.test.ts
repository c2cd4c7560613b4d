import { expect, test } from 'vitest';

import { findAnswer, readEcho, readToolNames } from '../src/client/caller.ts';
import { runLoad, makeText } from '../src/client/load.ts';
import { isWanted, readOptions } from '../src/options.ts';
import { answerTo } from '../src/upstream/messages.ts';

const buildResult = (id: number, text: string, more = {}) => ({
  jsonrpc: '2.0',
  id,
  result: { content: [{ type: 'text', text }], ...more },
});

test('an answer is found in JSON and among the events of a stream', () => {
  expect(readEcho(findAnswer('application/json', JSON.stringify(buildResult(4, 'hello')), 4))).toBe('hello');
  const events = [
    { jsonrpc: '2.0', method: 'notifications/progress', params: {} },
    buildResult(3, 'other'),
    buildResult(4, 'hello'),
  ];
  const stream = `: comment\n\nid: 1\ndata:\n\n${events.map((event) => `event: message\ndata: ${JSON.stringify(event)}\n\n`).join('')}`;
  expect(readEcho(findAnswer('text/event-stream; charset=utf-8', stream, 4))).toBe('hello');
});

test('nothing but a success of this very call counts', () => {
  expect(findAnswer('application/json', JSON.stringify(buildResult(5, 'hello')), 4)).toBeNull();
  expect(readEcho({ jsonrpc: '2.0', id: 4, error: { code: -32603, message: 'no' } })).toBeNull();
  expect(readEcho(buildResult(4, 'hello', { isError: true }))).toBeNull();
  expect(readEcho({ result: { content: [] } })).toBeNull();
  expect(() => readToolNames({ result: {} })).toThrow(/no tools/);
});

test('a wrong echo, a refusal and a broken connection are errors; a success is timed', async () => {
  let calls = 0;
  const caller = {
    listTools: () => Promise.resolve([]),
    call: (_: string, text: string) => {
      calls += 1;
      if (calls === 1) return Promise.resolve('something else');
      if (calls === 2) return Promise.resolve(null);
      return calls === 3 ? Promise.reject(new Error('broken')) : Promise.resolve(text);
    },
    close: () => Promise.resolve(),
    drop: () => Promise.resolve(),
  };
  const { errors, latencies } = await runLoad([caller, caller], { tool: 'echo', calls: 10 });
  expect({ calls, errors, timed: latencies.length }).toEqual({ calls: 10, errors: 3, timed: 7 });
});

test('every text has one length and is no other', () => {
  expect(makeText(7)).toHaveLength(256);
  expect(makeText(7)).not.toBe(makeText(77));
});

test('the reference upstream answers either era, and each with its own methods', () => {
  const meta = { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } };
  const call = { name: 'echo', arguments: { text: 'hello' } };
  expect(answerTo({ id: 1, method: 'tools/call', params: call })?.result).toEqual({ content: [{ type: 'text', text: 'hello' }] });
  expect(answerTo({ id: 1, method: 'tools/call', params: { ...call, ...meta } })?.result).toMatchObject({
    resultType: 'complete',
  });
  expect(answerTo({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18' } })?.result).toMatchObject({
    protocolVersion: '2025-06-18',
  });
  expect(answerTo({ id: 1, method: 'server/discover', params: {} })?.error?.code).toBe(-32601);
  expect(answerTo({ id: 1, method: 'server/discover', params: meta })?.result).toMatchObject({
    supportedVersions: ['2026-07-28'],
  });
  expect(answerTo({ method: 'notifications/initialized' })).toBeNull();
});

test('--only takes parts of names; an unknown option is refused', () => {
  const options = readOptions(['--only', 'gatehouse', '--only', 'relay', '--quick']);
  expect(options).toMatchObject({ quick: true, agent: null });
  expect(['Gatehouse, durable', 'node:http relay', 'nginx'].map((name) => isWanted(options, name))).toEqual([true, true, false]);
  expect(isWanted(readOptions([]), 'nginx')).toBe(true);
  expect(() => readOptions(['--fast'])).toThrow(/--fast/);
});
