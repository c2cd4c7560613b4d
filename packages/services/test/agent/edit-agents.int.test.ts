import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeAgent } from '@gatehouse/db/testing';

import { archiveAgent, restoreAgent } from '../../src/agent/archive-agent.ts';
import { enrolAgent } from '../../src/agent/enrol-agent.ts';
import { getAgent } from '../../src/agent/get-agent.ts';
import { listAgents } from '../../src/agent/list-agents.ts';
import { revokeAgent } from '../../src/agent/revoke-agent.ts';
import { updateAgent } from '../../src/agent/update-agent.ts';
import type { ServiceContext } from '../../src/context.ts';
import { EditConflictError } from '../../src/edit-lock.ts';
import { createJoinToken } from '../../src/join-token/create-join-token.ts';
import { getJoinToken } from '../../src/join-token/get-join-token.ts';
import { ingestReceipts } from '../../src/receipt/ingest-receipts.ts';
import { listReceipts } from '../../src/receipt/list-receipts.ts';
import { enrolRequest } from '../support/enrolment.ts';
import { Spool } from '../support/receipts.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

async function makeFleetOfTwo() {
  const workspace = await makeWorkspace(world.runtime);
  const admin = await workspace.as('admin');
  const make = (name: string) => makeAgent(world.runtime.db, admin.tenantId, { siteId: workspace.site.id, name });
  return { workspace, admin, first: await make('hel-01'), second: await make('hel-02') };
}

const listNames = async (ctx: ServiceContext, input = {}) => (await listAgents({ ctx, input })).rows.map(({ name }) => name);

test('an agent gets another name and labels, by which the list is narrowed; who comes second gets both versions', async () => {
  const { admin, first, second } = await makeFleetOfTwo();
  const labels = { region: 'eu', 'team/owner': 'Order desk' };
  const input = { agentId: first.id, name: 'helsinki-01', labels, revision: 1 };
  expect(await updateAgent({ ctx: admin, input })).toEqual({ revision: 2 });
  expect(await getAgent({ ctx: admin, input: { agentId: first.id } })).toMatchObject({
    name: 'helsinki-01',
    labels,
    revision: 2,
  });
  expect(await listNames(admin, { label: 'region=eu' })).toEqual(['helsinki-01']);
  expect(await listNames(admin, { label: 'region' })).toEqual(['helsinki-01']);
  expect(await listNames(admin, { label: 'region=us' })).toEqual([]);
  expect(await listNames(admin, { label: 'constructor' })).toEqual([]);
  const late = updateAgent({ ctx: admin, input: { ...input, name: 'other' } });
  expect(await expectRefused('conflict', late)).toBeInstanceOf(EditConflictError);
  await expect(late).rejects.toMatchObject({ conflict: { present: { name: 'helsinki-01', labels } } });
  const taken = updateAgent({ ctx: admin, input: { ...input, name: second.name, revision: 2 } });
  expect((await expectRefused('conflict', taken)).field).toBe('name');
  expect((await readAudit(admin, first.id)).at(-1)).toMatchObject({
    action: 'agent.update',
    before: { name: 'hel-01', labels: {} },
    after: { name: 'helsinki-01', labels },
  });
});

test.each([
  ['a key with blanks', { 'a b': 'x' }],
  ['a key that begins with a slash', { '/a': 'x' }],
  ['an empty value', { a: ' ' }],
  ['a value of two lines', { a: 'x\ny' }],
  ['a value that is too long', { a: 'x'.repeat(64) }],
  ['21 labels', Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`k${index}`, 'x']))],
  ['characters that are not seen', { a: 'x\u200By' }],
])('%s is no label', async (_, labels) => {
  const { admin, first } = await makeFleetOfTwo();
  const input = { agentId: first.id, name: first.name, labels, revision: 1 };
  await expectRefused('invalid', updateAgent({ ctx: admin, input }));
});

test('a revoked agent leaves the lists, comes back, and its receipts go on naming it', async () => {
  const { admin, first, workspace } = await makeFleetOfTwo();
  const { id: agentId } = first;
  const agentCtx = workspace.makeContext({ kind: 'agent', agentId, siteId: workspace.site.id });
  const spool = new Spool(workspace.site.id);
  await ingestReceipts({ ctx: agentCtx, input: { spoolId: spool.spoolId, receipts: [spool.makeNext({})] } });
  await expectRefused('precondition', archiveAgent({ ctx: admin, input: { agentId } }));
  await revokeAgent({ ctx: admin, input: { agentId } });
  await runInTenant(getFixtureDb(world.runtime), admin.tenantId, (tx) =>
    tx.agent.updateMany({ where: { id: agentId }, data: { bufferedReceipts: 7 } }),
  );
  const { message } = await expectRefused('precondition', archiveAgent({ ctx: admin, input: { agentId } }));
  expect(message).toContain('7 receipts of hel-01 had not arrived');
  await archiveAgent({ ctx: admin, input: { agentId, withoutReceipts: true } });
  await archiveAgent({ ctx: admin, input: { agentId } });
  expect(await listNames(admin)).toEqual(['hel-02']);
  expect(await listNames(admin, { archived: true })).toEqual(['hel-01']);
  expect((await listReceipts({ ctx: await workspace.as('owner'), input: {} })).rows[0]?.agent).toMatchObject({ name: 'hel-01' });
  await restoreAgent({ ctx: admin, input: { agentId } });
  await restoreAgent({ ctx: admin, input: { agentId } });
  expect(await listNames(admin)).toEqual(['hel-02', 'hel-01']);
  const acts = (await readAudit(admin, agentId)).map(({ action, after }) => [action, after]).slice(1);
  expect(acts).toEqual([
    ['agent.archive', { name: 'hel-01', missingReceipts: 7 }],
    ['agent.restore', { name: 'hel-01' }],
  ]);
});

test('who is enrolled again in the place of a revoked agent has its name, and the one before stays revoked', async () => {
  const { admin, first, workspace } = await makeFleetOfTwo();
  const siteId = workspace.site.id;
  await expectRefused('conflict', createJoinToken({ ctx: admin, input: { siteId, agentName: 'hel-01' } }));
  await revokeAgent({ ctx: admin, input: { agentId: first.id } });
  const { id, token } = await createJoinToken({ ctx: admin, input: { siteId, agentName: 'hel-01' } });
  const { agentId, agentName } = await enrolAgent({ runtime: world.runtime, input: enrolRequest(token) });
  expect(agentName).toBe('hel-01');
  expect(await getJoinToken({ ctx: admin, input: { id } })).toMatchObject({ agentId, enrolledName: 'hel-01' });
  expect((await listAgents({ ctx: admin })).rows.map(({ name, status }) => [name, status])).toEqual(
    expect.arrayContaining([
      ['hel-01', 'Never connected'],
      ['hel-01', 'Revoked'],
    ]),
  );
  // somebody gives the name to another one while a token is out: the page of the token says what the new one is called
  const { id: laterId, token: later } = await createJoinToken({ ctx: admin, input: { siteId, agentName: 'hel-03' } });
  await updateAgent({ ctx: admin, input: { agentId, name: 'hel-03', labels: {}, revision: 1 } });
  await enrolAgent({ runtime: world.runtime, input: enrolRequest(later) });
  expect((await getJoinToken({ ctx: admin, input: { id: laterId } })).enrolledName).toBe('hel-03-2');
});

test('agents: other tenant is not found, wrong role is not permitted', async () => {
  const { first, workspace } = await makeFleetOfTwo();
  const stranger = await (await makeWorkspace(world.runtime)).as('owner');
  const builder = await workspace.as('builder');
  const [input, agentId] = [{ agentId: first.id, name: 'x', labels: {}, revision: 1 }, first.id];
  await expectRefused('not_found', updateAgent({ ctx: stranger, input }));
  await expectRefused('not_found', archiveAgent({ ctx: stranger, input: { agentId } }));
  await expectRefused('not_found', restoreAgent({ ctx: stranger, input: { agentId } }));
  await expectRefused('not_permitted', updateAgent({ ctx: builder, input }));
  await expectRefused('not_permitted', archiveAgent({ ctx: builder, input: { agentId } }));
  await expectRefused('not_permitted', restoreAgent({ ctx: builder, input: { agentId } }));
});
