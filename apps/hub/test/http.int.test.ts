import { expect, test } from 'vitest';

import { ENROL_PATH, ENROL_ROOT_PATH } from '@gatehouse/protocol/enrolment';

import { openHub, World } from './support/world.ts';

const { hub } = await openHub();

async function ask(path: string, init: RequestInit = {}) {
  const response = await fetch(hub.httpUrl + path, init);
  return { status: response.status, body: await response.text(), headers: response.headers };
}

const post = (path: string, body: string) => ask(path, { method: 'POST', body });

test('T-01: tokens that never were get one answer, at both steps', async () => {
  const root = await post(ENROL_ROOT_PATH, JSON.stringify({ tokenHash: 'a'.repeat(64) }));
  expect(root.status).toBe(403);
  expect(JSON.parse(root.body)).toMatchObject({ code: 'token_invalid' });
  const enrol = await post(
    ENROL_PATH,
    JSON.stringify({
      secret: 's'.repeat(43),
      publicKey: Buffer.alloc(32).toString('base64'),
      proof: Buffer.alloc(64).toString('base64'),
      hostname: 'h',
      platform: 'p',
      agentVersion: '1',
      clock: new Date().toISOString(),
    }),
  );
  expect([enrol.status, enrol.body]).toEqual([root.status, root.body]);
});

test('T-07: enrolment reads one small JSON object and nothing else', async () => {
  const bodies = [
    '',
    '{',
    '[]',
    'null',
    '{}',
    JSON.stringify({ tokenHash: 'x' }),
    JSON.stringify({ tokenHash: 'a'.repeat(64), tenantId: 'b' }),
  ];
  for (const body of bodies) {
    const { status, body: answer } = await post(ENROL_ROOT_PATH, body);
    expect([status, JSON.parse(answer)]).toEqual([400, { code: 'malformed', message: expect.any(String) }]);
  }
  const large = await post(ENROL_PATH, JSON.stringify({ secret: 'x'.repeat(20_000) })).catch(() => null);
  if (large) expect([large.status, JSON.parse(large.body)]).toMatchObject([400, { code: 'malformed' }]);
  expect((await ask(ENROL_ROOT_PATH)).status).toBe(400);
});

test('an address that enrols too often is told to wait', async () => {
  const answers = await Promise.all(
    Array.from({ length: 320 }, () => post(ENROL_ROOT_PATH, JSON.stringify({ tokenHash: 'c'.repeat(64) }))),
  );
  const refused = answers.find(({ status }) => status === 429);
  expect(JSON.parse(refused?.body ?? '{}')).toMatchObject({ code: 'rate_limited' });
});

test('the hub says how it is', async () => {
  expect((await ask('/healthz')).status).toBe(200);
  expect((await ask('/readyz')).status).toBe(200);
  expect(JSON.parse((await ask('/version')).body)).toMatchObject({ name: 'hub' });
  expect((await ask('/metrics')).body).toMatch(/^gatehouse_hub_connections 0$/m);
  expect((await ask('/nowhere')).status).toBe(404);
});

test('a hub whose database is away is alive but not ready, and says which dependency that is', async () => {
  const other = await World.open();
  const cutOff = await other.startHub();
  await cutOff.runtime.db.close();
  const readiness = await fetch(`${cutOff.httpUrl}/readyz`);
  expect([readiness.status, await readiness.json()]).toEqual([503, { status: 'not ready', away: ['postgres'] }]);
  expect((await fetch(`${cutOff.httpUrl}/healthz`)).status).toBe(200);
  await other.close();
});
