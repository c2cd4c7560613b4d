import { expect, test } from 'vitest';

import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../../support/agent/gateway.ts';
import { connectV1, connectV2 } from '../../support/clients/clients.ts';
import { makeRestServer, readTools } from '../../support/servers/rest.ts';
import { startHttp } from '../../support/servers/upstreams.ts';

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** What a client gets. */
interface Got {
  content: unknown[];
  structuredContent?: unknown;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const makeText = (of: string): Got => ({ content: [{ type: 'text', text: of }] });
const makeBoth = (of: string): Got => ({ ...makeText(of), structuredContent: JSON.parse(of) as unknown });
const makeFile = (mimeType: string, bytes: Buffer, name = 'content'): Got => ({
  content: [{ type: 'resource', resource: { uri: `api-answer:/${name}`, mimeType, blob: bytes.toString('base64') } }],
});
const BYTES = Buffer.from([0xff, 0xfe, 0, 1, 2]);
const TOO_LARGE = Buffer.alloc(4 * 1024 * 1024 + 1, 1);

/** Each is a success of an API that describes its answer as an object with a text, a number, a list and an object. */
const ANSWERS: Record<string, [answer: Answer, got: Got]> = {
  as_described: [{ headers: JSON_TYPE, body: '{"name":"x","price":1.5}' }, makeBoth('{"name":"x","price":1.5}')],
  null_for_text: [{ headers: JSON_TYPE, body: '{"name":null}' }, makeBoth('{"name":null}')],
  text_for_number: [{ headers: JSON_TYPE, body: '{"name":"x","price":"1.50"}' }, makeBoth('{"name":"x","price":"1.50"}')],
  null_for_list: [{ headers: JSON_TYPE, body: '{"tags":null}' }, makeBoth('{"tags":null}')],
  null_for_object: [{ headers: JSON_TYPE, body: '{"owner":null}' }, makeBoth('{"owner":null}')],
  nothing_required: [{ headers: JSON_TYPE, body: '{}' }, makeBoth('{}')],
  list: [{ headers: JSON_TYPE, body: '[{"name":"x"}]' }, makeText('[{"name":"x"}]')],
  null: [{ headers: JSON_TYPE, body: 'null' }, makeText('null')],
  scalar: [{ headers: JSON_TYPE, body: '7' }, makeText('7')],
  broken_json: [{ headers: JSON_TYPE, body: '{"name":' }, makeText('{"name":')],
  no_content: [{ status: 204 }, makeText('The API answered HTTP 204 (No Content). There is no content.')],
  created_empty: [
    { status: 201, headers: { location: '/items/7' } },
    makeText('The API answered HTTP 201 (Created). There is no content. Location: /items/7'),
  ],
  accepted_text: [{ status: 202, headers: { 'content-type': 'text/plain' }, body: 'queued' }, makeText('queued')],
  html: [{ headers: { 'content-type': 'text/html' }, body: '<h1>hi</h1>' }, makeText('<h1>hi</h1>')],
  json_without_type: [{ body: '{"name":"x"}' }, makeBoth('{"name":"x"}')],
  list_without_type: [{ body: ' [1]' }, makeText(' [1]')],
  text_without_type: [{ body: 'done' }, makeText('done')],
  bytes_without_type: [{ body: BYTES }, makeFile('application/octet-stream', BYTES)],
  json_as_bytes: [{ headers: { 'content-type': 'application/octet-stream' }, body: '{"name":"x"}' }, makeBoth('{"name":"x"}')],
  bytes: [{ headers: { 'content-type': 'application/octet-stream' }, body: BYTES }, makeFile('application/octet-stream', BYTES)],
  plus_json: [{ headers: { 'content-type': 'application/vnd.x+json' }, body: '{"name":"x"}' }, makeBoth('{"name":"x"}')],
  image: [
    { headers: { 'content-type': 'image/png' }, body: BYTES },
    { content: [{ type: 'image', data: BYTES.toString('base64'), mimeType: 'image/png' }] },
  ],
  audio: [
    { headers: { 'content-type': 'audio/mpeg' }, body: BYTES },
    { content: [{ type: 'audio', data: BYTES.toString('base64'), mimeType: 'audio/mpeg' }] },
  ],
  document: [
    { headers: { 'content-type': 'application/pdf', 'content-disposition': 'attachment; filename="in/a b.pdf"' }, body: BYTES },
    makeFile('application/pdf', BYTES, 'a%20b.pdf'),
  ],
  too_large: [
    { headers: { 'content-type': 'application/zip' }, body: TOO_LARGE },
    makeText(
      'The API answered HTTP 200 (OK). It sent application/zip, 4,194,305 bytes; at most 4,194,304 bytes of such content are passed on.',
    ),
  ],
};

const ITEM = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string' },
    price: { type: 'number' },
    tags: { type: 'array', items: { type: 'string' } },
    owner: { type: 'object', properties: { id: { type: 'integer' } } },
  },
};
const RESPONSES = { 200: { description: 'OK', content: { 'application/json': { schema: ITEM } } } };

async function startStray() {
  const { port } = await startHttp((request, response) => {
    const [{ status = 200, headers = {}, body = '' }] = ANSWERS[(request.url ?? '').slice(1)] ?? [{ status: 404 }];
    response.writeHead(status, headers).end(body);
  });
  const paths = Object.keys(ANSWERS).map((name) => [`/${name}`, { post: { operationId: name, responses: RESPONSES } }]);
  const server = makeRestServer(`http://127.0.0.1:${port}`);
  const definitions = [...readTools(Object.fromEntries(paths)).values()];
  const profile = makeProfile(definitions.map((definition) => makeTool(server, definition)));
  return { definitions, gateway: await startGateway({ servers: [server], profiles: [profile] }) };
}

const CLIENTS = {
  'client 2.x on 2026-07-28': (url: string, secret: string) => connectV2(url, secret, { pin: '2026-07-28' }),
  'client 2.x on 2025-11-25': (url: string, secret: string) => connectV2(url, secret, 'legacy'),
  'client 1.x': connectV1,
};

for (const [name, connect] of Object.entries(CLIENTS)) {
  test(`${name}: a success of an HTTP API stays one, whatever it holds and its description says`, async () => {
    const { definitions, gateway } = await startStray();
    // the reviewer sees what is described, and no client holds an answer to it
    expect(definitions.every(({ outputSchema }) => outputSchema !== undefined)).toBe(true);
    const client = await connect(gateway.url, gateway.secret);
    const { tools } = await client.listTools();
    expect(tools.filter(({ outputSchema }) => outputSchema !== undefined)).toEqual([]);
    for (const [called, [, got]] of Object.entries(ANSWERS)) {
      const { content, structuredContent, isError } = await client.callTool({ name: called, arguments: {} });
      expect({ content, structuredContent, isError }, called).toEqual({
        structuredContent: undefined,
        isError: undefined,
        ...got,
      });
    }
  });
}
