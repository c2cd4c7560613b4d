import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';
import pino from 'pino';
import { afterAll, expect, onTestFinished, test } from 'vitest';

import { createTestDatabase, makeAgent, makeJoinToken } from '@gatehouse/db/testing';
import { getAgent } from '@gatehouse/services/agent/get-agent';
import { acceptInvitation } from '@gatehouse/services/auth/accept-invitation';
import { PasswordDueError } from '@gatehouse/services/auth/open-context';
import { createJoinToken } from '@gatehouse/services/join-token/create-join-token';
import { createOperatorLink } from '@gatehouse/services/member/create-operator-link';
import { openRuntime } from '@gatehouse/services/runtime';
import { createServer } from '@gatehouse/services/server/create-server';
import { createSite } from '@gatehouse/services/site/create-site';
import { createTenant } from '@gatehouse/services/tenant/create-tenant';

import { removeTenant } from '../control-plane.ts';
import { LocalError, readSettings } from '../settings.ts';
import { getAgentDataDir } from './agent.ts';
import { retireAgent } from './enrol.ts';
import * as plan from './plan.ts';
import { choosePasswords, signInOwner, signInTo } from './sign-in.ts';

const database = await createTestDatabase();
const runtime = await openRuntime({
  appDatabaseUrl: database.fixtureUrl,
  redisUrl: undefined,
  signingKek: randomBytes(32),
  hubPublicUrl: 'ws://127.0.0.1:3001',
  log: pino({ level: 'silent' }),
  poolSize: 2,
});
afterAll(async () => {
  await runtime.close();
  await database.drop();
});

const owner = { email: 'owner@acme.example', password: 'correct horse battery' };
const { token } = await createTenant({ runtime, input: { ...plan.tenant, ownerEmail: owner.email } });
const account = { kind: 'new', name: 'Olivia Owner', newPassword: owner.password } as const;
await acceptInvitation({ runtime, input: { token, ip: '127.0.0.1', account } });

async function runAsOwner(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  try {
    const { rows } = await client.query<object>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

function openFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-resume-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return readSettings({ GATEHOUSE_DATA_DIR: folder });
}

function signIn(email: string, password: string): Promise<unknown> {
  const demo = { tenant: plan.tenant.slug, users: [{ role: 'owner', email, password }] };
  return signInOwner(openFolder(), demo, runtime).then(
    () => 'signed in',
    (error: unknown) => error,
  );
}

test('a replacement that was interrupted can be begun again: name and folder are free', async () => {
  const settings = openFolder();
  const ctx = await signInTo({ runtime, tenantSlug: plan.tenant.slug, ...owner });
  const { id: siteId } = await createSite({ ctx, input: plan.site });
  const token = { siteId, agentName: plan.agentName };
  const left = await makeAgent(runtime.db, ctx.tenantId, { siteId, name: `${plan.agentName}-2` });
  await makeJoinToken(runtime.db, ctx.tenantId, { ...token, usedAt: new Date(), usedByAgentId: left.id });
  const other = await makeAgent(runtime.db, ctx.tenantId, { siteId, name: 'mine' });
  mkdirSync(getAgentDataDir(settings));
  writeFileSync(join(getAgentDataDir(settings), 'receipts'), 'unsent');

  const aside = await retireAgent(settings, ctx, siteId);
  if (aside === null) throw new Error('The folder is not kept.');
  expect(readFileSync(join(aside, 'receipts'), 'utf8')).toBe('unsent');
  expect(existsSync(getAgentDataDir(settings))).toBe(false);
  expect(await getAgent({ ctx, input: { agentId: left.id } })).toMatchObject({ status: 'Revoked' });
  expect((await getAgent({ ctx, input: { agentId: other.id } })).status).not.toBe('Revoked');

  await createJoinToken({ ctx, input: token });
  expect(await retireAgent(settings, ctx, siteId)).toBeNull();
  await createJoinToken({ ctx, input: token });
});

test('people whose passwords an earlier version chose get others at the next start, and only those whose password the file knows', async () => {
  const [email, password] = ['builder@acme.example', 'a password of the builder'];
  const { token } = await createOperatorLink({ runtime, input: { tenantSlug: plan.tenant.slug, email, role: 'builder' } });
  await acceptInvitation({ runtime, input: { token, ip: '127.0.0.1', account: { ...account, newPassword: password } } });
  await runAsOwner('update "user" set password_due = true');
  const demo = {
    tenant: plan.tenant.slug,
    users: [
      { role: 'owner', ...owner },
      { role: 'builder', email, password: 'not that one' },
    ],
  };
  await expect(signInOwner(openFolder(), demo, runtime)).rejects.toBeInstanceOf(PasswordDueError);

  const chosen = await choosePasswords(demo, runtime);
  const [newOwner, builder] = chosen.users;
  expect(newOwner).toMatchObject({ role: 'owner', email: owner.email });
  expect(newOwner?.password).not.toBe(owner.password);
  expect(builder).toEqual(demo.users[1]);
  expect((await signInOwner(openFolder(), chosen, runtime)).actor).toMatchObject({ role: 'owner' });
  await expect(signInOwner(openFolder(), demo, runtime)).rejects.toBeInstanceOf(LocalError);
  await expect(signInTo({ runtime, tenantSlug: plan.tenant.slug, email, password })).rejects.toBeInstanceOf(PasswordDueError);
  owner.password = newOwner?.password ?? '';
});

test('only an owner who is not there any more, or has another password, is told to delete the folder', async () => {
  expect(await signIn(owner.email, owner.password)).toBe('signed in');
  expect(String(await signIn('nobody@acme.example', owner.password))).toContain('Delete the folder');
  for (let attempt = 0; attempt < 10; attempt += 1) expect(await signIn(owner.email, 'wrong')).toBeInstanceOf(LocalError);
  expect(await signIn(owner.email, owner.password)).toMatchObject({ code: 'rate_limited' });
});

test('what a first start that was cut off has left behind is removed whole', async () => {
  const { token } = await createTenant({ runtime, input: { slug: 'cut-off', name: 'Cut Off', ownerEmail: 'cut@off.example' } });
  await acceptInvitation({ runtime, input: { token, ip: '127.0.0.1', account } });
  const ctx = await signInTo({ runtime, tenantSlug: 'cut-off', email: 'cut@off.example', password: account.newPassword });
  const { id: siteId } = await createSite({ ctx, input: plan.site });
  const transport = { kind: 'http', url: 'http://127.0.0.1:3030/mcp' } as const;
  await createServer({ ctx, input: { name: 'Orders', purpose: 'Look up orders', transport, siteIds: [siteId] } });
  await removeTenant(database.ownerUrl, 'cut-off');
  expect(await runAsOwner(`select 1 from server union all select 1 from tenant where slug = 'cut-off'`)).toEqual([]);
});
