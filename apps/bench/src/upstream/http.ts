import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { announce } from '../processes/announce.ts';
import { answerTo, isModern, type Message } from './messages.ts';

// The reference upstream over Streamable HTTP: as little work per call as node:http allows, so that it is not what is measured. It trusts
// its callers: they are this benchmark's own.

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  if (request.method === 'DELETE') return void response.writeHead(200).end();
  if (request.method !== 'POST') return void response.writeHead(405, { allow: 'POST' }).end();
  readBody(request, (text) => answer(JSON.parse(text) as Message, response));
});

function readBody(request: IncomingMessage, done: (text: string) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', () => done(Buffer.concat(chunks).toString()));
}

function answer(message: Message, response: ServerResponse): void {
  const reply = answerTo(message);
  if (!reply) return void response.writeHead(202).end();
  const text = JSON.stringify(reply);
  const unknown = reply.error !== undefined && isModern(message.params ?? {});
  const session = message.method === 'initialize' ? { 'mcp-session-id': randomUUID() } : {};
  response
    .writeHead(unknown ? 404 : 200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...session,
    })
    .end(text);
}

server.listen(0, '127.0.0.1', () => announce(server));
