import { connect } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { ReplyChannel } from '../../src/clients/reply-channel.ts';
import { parseMessages } from '../support/clients/clients.ts';
import { startHttp } from '../support/servers/upstreams.ts';

/** What a client gets of a request that is handled like this. */
async function readReply(use: (channel: ReplyChannel) => void | Promise<void>, takesStream = true, quietMs?: number) {
  const http = await startHttp((_request, response) => use(new ReplyChannel(response, 'x', takesStream, { quietMs })));
  const response = await fetch(http.url);
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

const NOTE = JSON.stringify({ jsonrpc: '2.0', method: 'note' });

test('an answer alone is plain JSON, an error has its status', async () => {
  const result = await readReply((channel) => void channel.sendResult('{"a":1}'));
  expect(result).toEqual({ status: 200, type: 'application/json', text: '{"jsonrpc":"2.0","id":"x","result":{"a":1}}' });
  const error = await readReply((channel) => channel.sendError({ code: -32021, message: 'no' }, 400));
  expect([error.status, JSON.parse(error.text)]).toMatchObject([400, { id: 'x', error: { code: -32021 } }]);
  expect(await readReply((channel) => channel.end())).toMatchObject({ status: 202, text: '' });
});

test('with a message before it the answer is the end of a stream', async () => {
  const reply = await readReply((channel) => {
    expect(channel.sendText(NOTE)).toBe(true);
    channel.sendResult('{"a":1}');
    expect(channel.sendText(NOTE)).toBe(false);
  });
  expect([reply.status, reply.type]).toEqual([200, 'text/event-stream']);
  expect(parseMessages(reply.text)).toEqual([JSON.parse(NOTE), { jsonrpc: '2.0', id: 'x', result: { a: 1 } }]);
});

test('a client that takes no stream gets the answer alone', async () => {
  const reply = await readReply((channel) => {
    expect(channel.sendText(NOTE)).toBe(false);
    channel.sendResult('{}');
  }, false);
  expect([reply.type, JSON.parse(reply.text)]).toEqual(['application/json', { jsonrpc: '2.0', id: 'x', result: {} }]);
});

test('a client that waits long gets signs of life and then its answer', async () => {
  const reply = await readReply(
    async (channel) => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      channel.sendResult('{}');
    },
    true,
    5,
  );
  expect(reply.text).toMatch(/^(?:: keep-alive\n\n)+event: message\ndata: .*"result":\{\}\}\n\n$/);
});

test('a client that reads gets an answer whole behind messages that are as large', async () => {
  const large = JSON.stringify('x'.repeat(3 << 20));
  const { text } = await readReply((channel) => {
    for (let note = 0; note < 3; note += 1) channel.sendText(`{"jsonrpc":"2.0","method":"note","params":[${large}]}`);
    channel.sendResult(large);
  }, true);
  expect(text.length).toBeGreaterThan(12 << 20);
  expect(text.endsWith('"}\n\n')).toBe(true);
});

test('a client that does not read is cut off before much waits for it', async () => {
  const closed = Promise.withResolvers<void>();
  const sent = Promise.withResolvers<number>();
  const http = await startHttp((_request, response) => {
    response.once('close', () => closed.resolve());
    const channel = new ReplyChannel(response, 1, true);
    const big = JSON.stringify({ jsonrpc: '2.0', method: 'note', params: 'x'.repeat(64 * 1024) });
    let count = 0;
    const more = () => {
      if (!channel.sendText(big)) return sent.resolve(count);
      count += 1;
      setImmediate(more);
    };
    more();
  });
  const socket = connect(http.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.pause();
  socket.write(`GET /mcp HTTP/1.1\r\nHost: x\r\n\r\n`);
  await closed.promise;
  // what fits the buffers of both kernels, and 24 MB here
  expect(await sent.promise).toBeLessThan(1_000);
});
