import { createHash, randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { exportAdminAudit, toCsvLine } from '../../src/admin-audit/export-admin-audit.ts';
import { getAdminAuditFilters } from '../../src/admin-audit/get-admin-audit-filters.ts';
import { type AdminAuditView, listAdminAudit } from '../../src/admin-audit/list-admin-audit.ts';
import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { getActorId, type ServiceContext } from '../../src/context.ts';
import { inviteMember } from '../../src/member/invite-member.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { updateMember } from '../../src/member/update-member.ts';
import { createProfile } from '../../src/profile/create-profile.ts';
import { archiveProfile } from '../../src/profile/end/archive-profile.ts';
import { deleteProfile } from '../../src/profile/end/delete-profile.ts';
import { grantAccess } from '../../src/profile/grant-access.ts';
import { createSite } from '../../src/site/create-site.ts';
import { addServer, type Domain, makeDomain, serveOneTool } from '../support/domain.ts';
import { expectRefused, makeWorkspace, openWorld } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

const open = async (): Promise<Domain> => makeDomain(await makeWorkspace(world.runtime));
const findAct = (rows: readonly AdminAuditView[], action: string) => rows.find((row) => row.action === action);

async function readAll(lines: AsyncIterable<string>): Promise<string[]> {
  const read: string[] = [];
  for await (const line of lines) read.push(line);
  return read;
}

async function inviteSomebody(ctx: ServiceContext): Promise<{ email: string }> {
  const email = `${randomUUID().slice(0, 8)}@guests.example`;
  await inviteMember({ ctx, input: { email, role: 'member' } });
  return { email };
}

async function addProfile({ admin, workspace }: Domain, name: string, slug: string): Promise<string> {
  const input = { name, slug, description: '', siteIds: [workspace.site.id] };
  return (await createProfile({ ctx: admin, input })).id;
}

test('an entry says on what it was done and to whom, by their names, also once they are gone', async () => {
  const domain = await open();
  const { admin } = domain;
  const member = await domain.workspace.as('member');
  const profileId = await addProfile(domain, 'Support desk', 'support-desk');
  await grantAccess({ ctx: admin, input: { profileId, membershipId: getActorId(member.actor) } });
  const { rows } = await listAdminAudit({ ctx: admin, input: {} });
  expect(findAct(rows, 'profile.grant_access')).toMatchObject({
    object: { kind: 'profile', name: 'Support desk', ref: 'support-desk' },
    named: { [getActorId(member.actor)]: { kind: 'person', name: 'Ada Example' } },
  });

  const goneId = await addProfile(domain, 'Short lived', 'short-lived');
  await archiveProfile({ ctx: admin, input: { profileId: goneId } });
  await deleteProfile({ ctx: admin, input: { profileId: goneId } });
  const later = (await listAdminAudit({ ctx: admin, input: { entityId: goneId } })).rows;
  expect(later.map(({ object }) => object)).toEqual(later.map(() => ({ kind: 'profile', name: 'Short lived', ref: null })));
  expect(later.length).toBeGreaterThan(2);
});

test('who was removed is called in the log what they were called, and is found by that and by the address', async () => {
  const domain = await open();
  const { admin } = domain;
  const owner = await domain.workspace.as('owner');
  const leaver = await domain.workspace.as('admin');
  const membershipId = getActorId(leaver.actor);
  await createSite({ ctx: leaver, input: { slug: 'espoo', name: 'Espoo' } });
  await updateMember({ ctx: owner, input: { membershipId, name: 'Zoe of Espoo', role: 'admin', revision: 1 } });
  await removeMember({ ctx: owner, input: { membershipId } });
  const { rows } = await listAdminAudit({ ctx: admin, input: {} });
  expect(findAct(rows, 'site.create')).toMatchObject({ actorName: 'Zoe of Espoo (left)' });
  expect(findAct(rows, 'member.remove')).toMatchObject({ object: { kind: 'person', name: 'Zoe of Espoo (left)' } });
  const search = async (text: string) =>
    (await listAdminAudit({ ctx: admin, input: { search: text } })).rows.map(({ action }) => action);
  expect(await search('zoe')).toEqual(expect.arrayContaining(['site.create', 'member.remove']));
  const { email } = await inviteSomebody(owner);
  expect(await search(email)).toContain('member.invite');
});

test('the hash of a client key, to which its act is held, is nowhere in what people get of the log', async () => {
  const domain = await open();
  const { profile, person } = await serveOneTool(domain);
  const { key } = await createClientKey({ ctx: person, input: { profileId: profile.id, name: 'Laptop' } });
  const hash = createHash('sha256').update(key).digest('hex');
  const { rows } = await listAdminAudit({ ctx: domain.admin, input: { action: 'client_key.create' } });
  expect(rows).toMatchObject([{ after: { profileId: profile.id, name: 'Laptop' } }]);
  const formats = (['csv', 'ndjson'] as const).map(async (format) =>
    (await readAll(await exportAdminAudit({ ctx: domain.admin, input: { format } }))).join(''),
  );
  for (const text of [JSON.stringify(rows), ...(await Promise.all(formats))]) {
    expect(text).toContain('Laptop');
    expect(text).not.toContain(hash);
  }
});

test('the log is narrowed by who, action, object and time, and searched by what things are called', async () => {
  const domain = await open();
  const { admin } = domain;
  const other = await domain.workspace.as('owner');
  const { id: serverId } = await addServer(domain, { name: 'Ledger of Oulu' });
  await createSite({ ctx: other, input: { slug: 'turku', name: 'Turku' } });
  const list = async (input: Parameters<typeof listAdminAudit>[0]['input']) =>
    (await listAdminAudit({ ctx: admin, input })).rows.map(({ action }) => action);
  expect(await list({ actorId: getActorId(other.actor) })).toEqual(['site.create']);
  expect(await list({ action: 'server.create' })).toEqual(['server.create']);
  expect(await list({ entityType: 'site' })).toContain('site.create');
  expect(await list({ entityId: serverId })).toEqual(['server.create']);
  expect(await list({ search: 'ledger oulu' })).toContain('server.create');
  expect(await list({ search: 'nobody-is-called-so' })).toEqual([]);
  const now = world.runtime.now();
  expect(await list({ to: new Date(now.getTime() - 3_600_000) })).toEqual([]);
  expect((await list({ from: new Date(now.getTime() - 3_600_000) })).length).toBeGreaterThan(1);
  const choices = await getAdminAuditFilters({ ctx: admin });
  expect(choices.actions).toEqual(expect.arrayContaining(['server.create', 'site.create']));
  expect(choices.actors).toContainEqual({ id: getActorId(other.actor), kind: 'person', name: 'Ada Example' });
  await expectRefused('not_permitted', getAdminAuditFilters({ ctx: domain.reviewer }));
});

test('an export has every entry once, names them, is refused to who may not read the log, and stands in it', async () => {
  const domain = await open();
  const { admin } = domain;
  for (let index = 0; index < 3; index += 1)
    await createSite({ ctx: admin, input: { slug: `site-${index}`, name: `=1+${index}` } });
  await expectRefused('not_permitted', exportAdminAudit({ ctx: domain.reviewer, input: { format: 'csv' } }));
  const before = await listAdminAudit({ ctx: admin, input: { action: 'site.create', limit: 200 } });
  const asked = { action: 'site.create', format: 'ndjson' } as const;
  const lines = await readAll(await exportAdminAudit({ ctx: admin, input: asked }));
  expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(before.rows.map(({ id }) => id));
  const [log] = (await listAdminAudit({ ctx: admin, input: { action: 'admin_audit.export' } })).rows;
  expect(log).toMatchObject({ actorId: getActorId(admin.actor), after: asked });
  const table = (await readAll(await exportAdminAudit({ ctx: admin, input: { ...asked, format: 'csv' } }))).join('');
  expect(table.split('\r\n')).toHaveLength(before.rows.length + 2);
  expect(table).toContain(`"'=1+0"`);
  expect(table).not.toMatch(/(?:^|,)"[=+\-@]/m);
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1'])('a cell is no formula: %j', (cell) => {
  expect(toCsvLine([cell])).toBe(`"'${cell}"\r\n`);
});
