import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { expect, onTestFinished, test } from 'vitest';

import { openOutbound } from '../../src/outbound/outbound.ts';
import { startHttp } from '../support/servers/upstreams.ts';

/** An answer whose head has come, and the server's end of it. */
async function openAnswer(signal: AbortSignal | null = null) {
  const answering = Promise.withResolvers<ServerResponse>();
  const http = await startHttp((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).flushHeaders();
    answering.resolve(response);
  });
  const outbound = openOutbound({ http: { hosts: [], privateHosts: ['127.0.0.1'] }, maxAnswerBytes: 1 << 28 });
  onTestFinished(() => outbound.close());
  const { body } = await outbound.request(new URL(http.url), { signal });
  return { body, server: await answering.promise };
}

async function readAll(chunks: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk.toString();
  return text;
}

test('a body is read whole whether it came before it was asked for, after, or in both parts', async () => {
  const early = await openAnswer();
  early.server.end('\uFEFFwhole');
  await once(early.server, 'close');
  await nextTurn();
  expect(await early.body.readText()).toBe('whole');

  const late = await openAnswer();
  const reading = late.body.readBytes();
  late.server.write(Buffer.from('käse').subarray(0, 2));
  await nextTurn();
  late.server.end(Buffer.from('käse').subarray(2));
  expect(String(await reading)).toBe('käse');

  const none = await openAnswer();
  none.server.end();
  expect(await none.body.readText()).toBe('');
});

test('a stream gives what was there and what comes, and ends or fails as the answer does', async () => {
  const whole = await openAnswer();
  whole.server.write('one ');
  await nextTurn();
  const reading = readAll(whole.body.openStream());
  whole.server.end('two');
  expect(await reading).toBe('one two');

  const broken = await openAnswer();
  broken.server.write('one ');
  const failing = readAll(broken.body.openStream());
  broken.server.destroy();
  await expect(failing).rejects.toThrow();
});

test('who does not read holds the server back, and gets all of it once reading', async () => {
  const { body, server } = await openAnswer();
  const sent = 64 << 20;
  let [written, stuck] = [0, 0];
  // a turn in which the server could write nothing more counts; after many there is nobody who takes it
  while (written < sent && stuck < 200) {
    if (server.writableNeedDrain) stuck += 1;
    else {
      server.write(Buffer.alloc(1 << 16));
      written += 1 << 16;
    }
    await nextTurn();
  }
  expect(written).toBeLessThan(sent);
  server.end();
  expect((await body.readBytes()).length).toBe(written);
});

test('an aborted signal ends reading with its reason, whoever reads, and leaves nothing open', async () => {
  const stop = new AbortController();
  const reason = new Error('enough');
  const [text, stream] = [await openAnswer(stop.signal), await openAnswer(stop.signal)];
  const reading = [text.body.readText(), readAll(stream.body.openStream())];
  const closed = Promise.all([once(text.server, 'close'), once(stream.server, 'close')]);
  stop.abort(reason);
  for (const each of reading) await expect(each).rejects.toBe(reason);
  await closed;
  await expect(text.body.readBytes()).rejects.toBe(reason);
});

test('what is dumped is thrown away, a long rest is cut off, and neither rejects', async () => {
  const short = await openAnswer();
  short.server.end('x'.repeat(1_000));
  await short.body.dump();
  const long = await openAnswer();
  const closed = once(long.server, 'close');
  long.server.write(Buffer.alloc(1 << 20));
  await long.body.dump();
  await closed;
  const given = await openAnswer();
  given.body.discard();
  await once(given.server, 'close');
  await given.body.dump();
  await expect(given.body.readText()).rejects.toThrow('not read to its end');
});
