import { expect, test } from 'vitest';

import { makeClientKey, makeTool } from '@gatehouse/policy/testing/build';

import { postModern } from '../support/clients/clients.ts';
import { ACCEPTED, answerAll, startAsking, TENANTED, TOOL } from './asking.ts';

test('a question of a legacy server is a result for a modern client, whose answer goes on with the very call', async () => {
  const { call, seen, journal } = await startAsking({ questions: 2 });
  const first = (await call()).result;
  expect(first).toMatchObject({ resultType: 'input_required' });
  expect(Object.values(first.inputRequests)).toMatchObject([{ method: 'elicitation/create', params: { message: 'question 1' } }]);
  const second = (await call(answerAll(first))).result;
  expect(Object.values(second.inputRequests)).toMatchObject([{ params: { message: 'question 2' } }]);
  expect(seen).toMatchObject({ begun: 1, done: 0 });
  expect((await call(answerAll(second))).result).toMatchObject({ resultType: 'complete', content: [{ text: 'done 1' }] });
  expect(seen).toEqual({ begun: 1, done: 1, ended: 0, cancelled: 0, answers: [ACCEPTED, ACCEPTED] });
  // each request has its receipt
  await journal.waitForRecord(2);
  expect(journal.finished.map(({ reasonCode }) => reasonCode)).toEqual(['ok', 'ok', 'ok']);
});

test('what a legacy server asks at once is asked in one result, and what is left open is asked again', async () => {
  const { call, seen } = await startAsking({ questions: 3, atOnce: true });
  const first = (await call()).result;
  expect(Object.keys(first.inputRequests)).toHaveLength(3);
  const { inputResponses, requestState } = answerAll(first);
  const [key] = Object.keys(inputResponses);
  const again = (await call({ requestState, inputResponses: { ...inputResponses, [key!]: 5, stray: ACCEPTED } })).result;
  expect(Object.keys(again.inputRequests)).toEqual([key]);
  expect((await call(answerAll(again))).result.content).toEqual([{ type: 'text', text: 'done 1' }]);
  expect(seen).toMatchObject({ begun: 1, done: 1 });
});

test('a server that withdraws no question by its id withdraws none', async () => {
  const { call, seen } = await startAsking({ straysAfter: true });
  const first = (await call()).result;
  expect(Object.keys(first.inputRequests)).toHaveLength(1);
  expect((await call(answerAll(first))).result.content).toEqual([{ type: 'text', text: 'done 1' }]);
  expect(seen).toMatchObject({ begun: 1, done: 1, ended: 0 });
});

test('T-59: a held call goes on once, for the same request of the same key alone, and is never sent a second time', async () => {
  const { call, seen, server, profile, key, publish } = await startAsking();
  const other = makeClientKey(profile);
  publish({ clientKeys: [key, other.key], servers: [server] });
  const first = (await call()).result;
  const retry = answerAll(first);
  expect(await call(retry, other.secret)).toMatchObject({ error: { code: -32602 } });
  expect(await call({ ...retry, arguments: { other: 1 } })).toMatchObject({ error: { code: -32602 } });
  expect(await call({ inputResponses: retry.inputResponses })).toMatchObject({ result: { isError: true } });
  const results = await Promise.all([call(retry), call(retry), call(retry)]);
  expect(results.filter(({ result }) => result.content[0]?.text === 'done 1')).toHaveLength(1);
  for (const { result } of results.filter(({ result: { isError } }) => isError)) {
    expect(result.content[0]?.text).toMatch(/not held any more.*was not sent again/);
  }
  expect(results.filter(({ result }) => result.isError)).toHaveLength(2);
  expect(seen).toMatchObject({ begun: 1, done: 1 });
});

test('a held call ends with its server: when the configuration changes, and when the agent ends', async () => {
  const site = await startAsking();
  const retry = answerAll((await site.call()).result);
  site.publish({ servers: [{ ...site.server, features: { ...site.server.features, logging: true } }] });
  await expect.poll(() => site.seen.ended).toBe(1);
  expect((await site.call(retry)).result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('not held') }],
  });
  await site.call();
  await site.close();
  await expect.poll(() => site.seen.ended).toBe(2);
  expect(site.seen).toMatchObject({ begun: 2, done: 0 });
});

test('a held call whose tool has changed meanwhile does not go on', async () => {
  const tools = [TOOL];
  let passed = 0;
  const site = await startAsking({ tools, readClock: () => performance.now() + passed });
  const retry = answerAll((await site.call()).result);
  tools[0] = { ...TOOL, inputSchema: { ...TOOL.inputSchema, title: 'other' } as typeof TOOL.inputSchema };
  passed = 10 * 60_000;
  expect((await site.call(retry)).result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('has changed this tool') }],
  });
  await expect.poll(() => site.seen.ended).toBe(1);
  expect(site.seen.done).toBe(0);
});

test('a held call goes on only where the same would be sent now: not under other pinned values', async () => {
  const site = await startAsking({ tools: [TENANTED] });
  const publish = (value: string) =>
    site.publish({
      profiles: [
        {
          ...site.profile,
          entries: [makeTool(site.server, TENANTED, { arguments: [{ kind: 'pin', argument: '/tenant', value }] })],
        },
      ],
    });
  publish('prod');
  const retry = answerAll((await site.call()).result);
  publish('staging');
  expect((await site.call(retry)).result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('the configuration was changed') }],
  });
  await expect.poll(() => site.seen.ended).toBe(1);
  expect(site.seen).toMatchObject({ begun: 1, done: 0 });
});

test('a client that goes away while its held call goes on ends it', async () => {
  const { url, secret, seen, call } = await startAsking({ questions: 2 });
  const retry = answerAll((await call()).result);
  const leaving = new AbortController();
  const request = { method: 'tools/call', params: { name: 'order', arguments: {} }, capabilities: { elicitation: {} } };
  const response = postModern(url, secret, { ...request, params: { ...request.params, ...retry } }, {}, leaving.signal);
  await expect.poll(() => seen.answers.length).toBe(1);
  leaving.abort();
  await expect(response.then((answer) => answer.text())).rejects.toThrow();
  // either it had been asked again by then and is held, or it is over
  expect(seen).toMatchObject({ begun: 1, done: 0 });
});

test('a client holds a bounded number of calls; the server is told that one more cannot be asked', async () => {
  const { call, seen } = await startAsking();
  const held = await Promise.all(Array.from({ length: 16 }, () => call()));
  expect(held.filter(({ result }) => result.resultType === 'input_required')).toHaveLength(16);
  expect(await call()).toMatchObject({ error: { message: expect.stringContaining('asked too much at once') } });
  expect((await call(answerAll(held[3]!.result))).result).toMatchObject({ resultType: 'complete' });
  expect((await call()).result).toMatchObject({ resultType: 'input_required' });
  expect(seen).toMatchObject({ begun: 18, done: 1 });
});
