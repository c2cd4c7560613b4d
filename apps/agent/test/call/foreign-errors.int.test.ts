import { expect, test } from 'vitest';

import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { CredentialScrub } from '../../src/secrets/credential-scrub.ts';
import { startGateway } from '../support/agent/gateway.ts';
import { buildLegacyCall, openSession, post, postModern } from '../support/clients/clients.ts';
import { ECHO, makeServerAt } from '../support/servers/upstreams.ts';
import { startHandmade } from '../upstream/handmade.ts';

const SECRET = 'tok-9f8e7d6c5b4a3f2e1d';

/** The texts of what clients of both eras get for a server that answers a call with this error. */
async function relayError(error: string, status = 200): Promise<string[]> {
  const upstream = await startHandmade(({ id }, response) =>
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(`{"jsonrpc":"2.0","id":${String(id)},"error":${error}}`),
  );
  const server = makeServerAt(upstream.url);
  const scrub = new CredentialScrub();
  scrub.add(SECRET);
  const gateway = await startGateway({
    servers: [server],
    profiles: [makeProfile([makeTool(server, { ...ECHO })])],
    listener: { scrub },
  });
  const session = await openSession(gateway.url, gateway.secret);
  const answers = [
    await post(gateway.url, buildLegacyCall('echo', { text: 'x' }), session),
    await postModern(gateway.url, gateway.secret, { method: 'tools/call', params: { name: 'echo', arguments: { text: 'x' } } }),
  ];
  return Promise.all(answers.map((answer) => answer.text()));
}

test.each([
  ['a code of 18 digits', '{"code":-320000000000000001,"message":"no"}'],
  ['escapes in its words and data', '{"code":-32050,"message":"\\u0041 no \\ud83d","data":{"a":"\\u0042"}}'],
  ['further members', '{"type":"x","code":4711,"retry":{"after":1.50},"message":"no"}'],
  ['another order and blanks', '{ "message" : "no", "code" : -32050 }'],
])('an error with %s reaches clients of both eras letter for letter', async (_, error) => {
  for (const text of await relayError(error)) expect(text).toContain(`"error":${error}`);
});

test.each([
  ['a text', '{"code":"E_BAD","message":"no \\u0041"}', '{"code":-32603,"message":"no \\u0041","data":{"code":"E_BAD"}}'],
  ['a fraction', '{"code":-32000.5,"message":"no"}', '{"code":-32603,"message":"no","data":{"code":-32000.5}}'],
  [
    'a text, and data',
    '{"code":"E","message":"no","data":{"n":1.50}}',
    '{"code":-32603,"message":"no","data":{"n":1.50,"code":"E"}}',
  ],
  [
    'a text, and data with one',
    '{"code":"E","message":"no","data":{"code":2}}',
    '{"code":-32603,"message":"no","data":{"data":{"code":2},"code":"E"}}',
  ],
  ['none', '{"message":"no"}', '{"message":"no","code":-32603}'],
])('a code that the protocol does not have is said in the data: %s', async (_, error, expected) => {
  for (const text of await relayError(error)) expect(text).toContain(`"error":${expected}`);
});

test('an error that is plain words keeps them', async () => {
  for (const status of [200, 400])
    for (const text of await relayError('"the disk is full"', status))
      expect(text).toContain('"error":{"code":-32603,"message":"the disk is full"}');
});

const escaped = Array.from(SECRET, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
test.each([
  ['its words', `{"code":-32050,"message":"no ${escaped}"}`],
  ['a further member', `{"code":-32050,"message":"no","hint":["${escaped}"]}`],
  ['the name of one', `{"code":-32050,"message":"no","${escaped}":1}`],
  ['a code that is a text', `{"code":"${SECRET}","message":"no"}`],
  ['plain words', `"no ${escaped}"`],
])('T-28: a credential does not go to clients in an error that has it in %s', async (_, error) => {
  for (const text of await relayError(error)) {
    expect(text).toContain('[redacted:credential]');
    expect(JSON.stringify(JSON.parse(text))).not.toContain(SECRET);
    expect(text).not.toContain(escaped);
  }
});
