import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';

import { listTenants } from '../../src/auth/list-tenants.ts';
import type { ServiceContext } from '../../src/context.ts';
import { EditConflictError } from '../../src/edit-lock.ts';
import { createSite } from '../../src/site/create-site.ts';
import { listSites } from '../../src/site/list-sites.ts';
import { createTenant } from '../../src/tenant/create-tenant.ts';
import { getWorkspace } from '../../src/tenant/get-workspace.ts';
import { cancelDeletion, requestDeletion } from '../../src/tenant/request-deletion.ts';
import { resumeTenant, suspendTenant } from '../../src/tenant/suspend-tenant.ts';
import { updateWorkspace } from '../../src/tenant/update-workspace.ts';
import { accept, enter, PASSWORD } from '../support/accounts.ts';
import { expectRefused, getFixtureDb, getRuntimeOf, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

/** An owner who has a password, as the console knows one. */
async function makeOwner(slug: string) {
  const email = `olga@${slug}.example`;
  const { token, tenantId } = await createTenant({ runtime: world.runtime, input: { slug, name: 'Acme', ownerEmail: email } });
  await accept(getRuntimeOf(world.runtime, 'person'), token);
  const ctx = await enter(getRuntimeOf(world.runtime, 'person'), slug, email, PASSWORD);
  return { ctx, tenantId, slug };
}

/** What the log tells agents about the whole workspace, oldest first. */
const listStops = ({ tenantId }: Pick<ServiceContext, 'tenantId'>) =>
  runInTenant(getFixtureDb(world.runtime), tenantId, async (tx) =>
    (await tx.revocation.findMany({ where: { tenantId, subjectKind: 'tenant' }, orderBy: { seq: 'asc' } })).map(({ act }) => act),
  );

test('a workspace gets a name, a colour and a word for its environment, which everybody sees in the switcher', async () => {
  const workspace = await makeWorkspace(world.runtime);
  const admin = await workspace.as('admin');
  const input = { name: 'Acme production', colour: 'teal' as const, environment: 'Production', revision: 1 };
  expect(await updateWorkspace({ ctx: admin, input })).toEqual({ revision: 2 });
  expect(await getWorkspace({ ctx: await workspace.as('builder') })).toMatchObject({ ...input, revision: 2, deletion: null });
  const userId = admin.actor.kind === 'person' ? admin.actor.userId : '';
  expect(await listTenants({ runtime: world.runtime, input: { userId } })).toMatchObject([
    { name: 'Acme production', colour: 'teal', environment: 'Production', role: 'admin' },
  ]);
  const late = updateWorkspace({ ctx: await workspace.as('owner'), input: { ...input, colour: null } });
  expect(await expectRefused('conflict', late)).toBeInstanceOf(EditConflictError);
  await expect(late).rejects.toMatchObject({ conflict: { present: { colour: 'teal', environment: 'Production' } } });
  for (const [bad, field] of [
    [{ ...input, colour: 'red' as never }, 'colour'],
    [{ ...input, environment: 'x'.repeat(25) }, 'environment'],
    [{ ...input, name: '' }, 'name'],
  ] as const)
    expect((await expectRefused('invalid', updateWorkspace({ ctx: admin, input: bad }))).field).toBe(field);
  await expectRefused('not_permitted', updateWorkspace({ ctx: await workspace.as('builder'), input }));
  await expectRefused('not_permitted', getWorkspace({ ctx: await workspace.as('member') }));
});

test('a suspended workspace is read and not changed, its agents are told to stop, and taking it back lifts that', async () => {
  const { ctx, tenantId, slug: tenantSlug } = await makeOwner('suspended');
  const { runtime } = world;
  await expectRefused('conflict', resumeTenant({ runtime, input: { tenantSlug } }));
  await suspendTenant({ runtime, input: { tenantSlug } });
  await expectRefused('conflict', suspendTenant({ runtime, input: { tenantSlug } }));
  expect(await listStops(ctx)).toEqual(['stop']);
  const { message } = await expectRefused('precondition', createSite({ ctx, input: { name: 'Oulu' } }));
  expect(message).toContain('is suspended');
  expect((await listSites({ ctx })).rows).toEqual([]);
  expect((await getWorkspace({ ctx })).suspendedAt).toBeInstanceOf(Date);
  await resumeTenant({ runtime, input: { tenantSlug } });
  expect(await listStops(ctx)).toEqual(['stop', 'lift']);
  await createSite({ ctx, input: { name: 'Oulu' } });
  expect((await readAudit(ctx, tenantId)).map(({ action, actorId }) => [action, actorId])).toEqual([
    ['tenant.create', 'operator'],
    ['tenant.suspend', 'operator'],
    ['tenant.resume', 'operator'],
  ]);
  await expectRefused('not_found', suspendTenant({ runtime, input: { tenantSlug: 'nobody' } }));
});

test('an owner asks for the end with slug and password, everything is stopped, and it can be taken back; a suspension outlasts that', async () => {
  const { ctx, slug: confirmation } = await makeOwner('ending');
  const { runtime } = world;
  const input = { confirmation, password: PASSWORD };
  expect((await expectRefused('invalid', requestDeletion({ ctx, input: { ...input, confirmation: 'other' } }))).field).toBe(
    'confirmation',
  );
  expect((await expectRefused('not_permitted', requestDeletion({ ctx, input: { ...input, password: 'wrong' } }))).field).toBe(
    'password',
  );
  await expectRefused('conflict', cancelDeletion({ ctx }));
  const { deleteAfter } = await requestDeletion({ ctx, input });
  expect(deleteAfter.getTime() - Date.now()).toBeGreaterThan(29 * 24 * 3_600_000);
  await expectRefused('conflict', requestDeletion({ ctx, input }));
  await expectRefused('precondition', createSite({ ctx, input: { name: 'Oulu' } }));
  expect((await getWorkspace({ ctx })).deletion).toMatchObject({ deleteAfter, askedBy: 'Nea Newcomer' });
  await suspendTenant({ runtime, input: { tenantSlug: confirmation } });
  await cancelDeletion({ ctx });
  expect(await listStops(ctx)).toEqual(['stop']);
  await resumeTenant({ runtime, input: { tenantSlug: confirmation } });
  expect(await listStops(ctx)).toEqual(['stop', 'lift']);
  await createSite({ ctx, input: { name: 'Oulu' } });
});

test('only owners end a workspace, and of two who ask at the same time one is told that somebody has', async () => {
  const workspace = await makeWorkspace(world.runtime);
  const admin = await workspace.as('admin');
  const input = { confirmation: workspace.tenant.slug, password: PASSWORD };
  await expectRefused('not_permitted', requestDeletion({ ctx: admin, input }));
  await expectRefused('not_permitted', cancelDeletion({ ctx: admin }));
  const { ctx, slug } = await makeOwner('twice');
  const ask = () => requestDeletion({ ctx, input: { confirmation: slug, password: PASSWORD } });
  const outcomes = await Promise.allSettled([ask(), ask()]);
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(await listStops(ctx)).toEqual(['stop']);
});

test('the console cannot make a workspace due before its time', async () => {
  const { ctx, tenantId } = await makeOwner('hurried');
  const soon = new Date(Date.now() + 24 * 3_600_000);
  const hurry = runInTenant(ctx.runtime.db, tenantId, (tx) =>
    tx.tenant.update({ where: { id: tenantId }, data: { deleteAfter: soon } }),
  );
  await expect(hurry).rejects.toThrow(/row-level security/);
});
