import { Agent, createServer, request as open, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';

import { announce } from '../processes/announce.ts';
import { GroupCommit } from './group-commit.ts';

// The least that something in between can cost in Node: reads the whole body, sends it on with the same headers, reads the whole answer,
// sends that back. With --journal it first makes a record of the call durable, as a gateway with receipts must.

const { values } = parseArgs({ options: { upstream: { type: 'string' }, journal: { type: 'string' } } });
const upstream = new URL(values.upstream ?? '');
const journal = values.journal === undefined ? null : new GroupCommit(values.journal);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
/** About the size of one call's intent. */
const RECORD = Buffer.alloc(700, 'r');

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  relay(request, response).catch(() => response.writeHead(502).end());
});

async function relay(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readAll(request);
  if (journal) await journal.append(RECORD);
  const answer = await send(request, body);
  response.writeHead(answer.statusCode ?? 502, answer.headers).end(await readAll(answer));
}

function send({ method, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const forwarded = { ...headers, host: upstream.host, connection: 'keep-alive' };
    const { hostname, port, pathname: path } = upstream;
    open({ hostname, port, path, method, headers: forwarded, agent }, resolve).once('error', reject).end(body);
  });
}

function readAll(stream: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('end', () => resolve(Buffer.concat(chunks)));
    stream.once('error', reject);
  });
}

server.listen(0, '127.0.0.1', () => announce(server));
