import { randomUUID } from 'node:crypto';

import { afterAll, expect, test, vi } from 'vitest';

import { makeAgent } from '@gatehouse/db/testing';
import { defineTool } from '@gatehouse/policy/testing/build';

import { getAgent } from '../../src/agent/get-agent.ts';
import { listAgents } from '../../src/agent/list-agents.ts';
import { getOverview } from '../../src/overview/get-overview.ts';
import { listChoices } from '../../src/profile/draft/list-choices.ts';
import { listProfiles } from '../../src/profile/list-profiles.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { ingestReceipts } from '../../src/receipt/ingest-receipts.ts';
import { listReceipts } from '../../src/receipt/list-receipts.ts';
import { getServer } from '../../src/server/get-server.ts';
import { listServers } from '../../src/server/list-servers.ts';
import { addApprovedServer, createDraftedProfile, makeDomain } from '../support/domain.ts';
import { Spool } from '../support/receipts.ts';
import { makeWorkspace, openWorld } from '../support/world.ts';

/** What no schema of a stored document takes. */
const BAD = '"a word"';

const world = await openWorld();
const owner = await world.database.connectOwner();
afterAll(() => world.close());
const warn = vi.spyOn(world.runtime.log, 'warn');

/** Writes past every verb, and past what any process may change. */
const plant = (table: string, change: string, id: string) => owner.query(`update ${table} set ${change} where id = $1`, [id]);

/** A workspace with a published profile of two tools. */
async function openDomain() {
  warn.mockClear();
  const domain = await makeDomain(await makeWorkspace(world.runtime));
  const server = await addApprovedServer(domain, [defineTool('get_order'), defineTool('cancel_order')]);
  const chosen = ['get_order', 'cancel_order'].map((name) => ({ serverId: server.id, name }));
  const profile = await createDraftedProfile(domain, chosen);
  await publishProfile({ ctx: domain.admin, input: { profileId: profile.id } });
  return { ...domain, server, profile };
}

/** Exactly the documents of these columns were logged as unreadable. */
function expectLogged(...columns: string[]): void {
  expect(warn.mock.calls).toEqual(columns.map((column) => [expect.objectContaining({ column }), expect.any(String)]));
}

test.each([
  ['agent.server_health', 'server_health', `[{"serverId": "${randomUUID()}", "state": "asleep"}]`],
  ['agent.server_health', 'server_health', BAD],
  ['agent.stdio_entries', 'stdio_entries', '[1]'],
])('an agent whose %s cannot be read is listed, and the other one too', async (place, column, bad) => {
  const { admin, agent } = await openDomain();
  const other = await makeAgent(world.runtime.db, admin.tenantId, { siteId: agent.siteId, stdioEntries: ['files'] });
  await plant('agent', `${column} = '${bad}'`, agent.id);
  const rows = new Map((await listAgents({ ctx: admin })).rows.map((row) => [row.id, row]));
  expect(rows.get(agent.id)).toMatchObject({ unreadableReports: 1, stdioEntries: [] });
  expect(rows.get(other.id)).toMatchObject({ unreadableReports: 0, stdioEntries: ['files'] });
  warn.mockClear();
  const detail = await getAgent({ ctx: admin, input: { agentId: agent.id } });
  expect(detail).toMatchObject({ unreadableReports: 1, serverHealth: [], stdioEntries: [] });
  expectLogged(place);
});

test('a server whose transport cannot be read is listed without kind and address', async () => {
  const domain = await openDomain();
  const { admin, server } = domain;
  const other = await addApprovedServer(domain, [defineTool('get_order')]);
  await plant('server', `transport = '${BAD}'`, server.id);
  const rows = new Map((await listServers({ ctx: admin })).rows.map((row) => [row.id, row]));
  expect(rows.get(server.id)).toMatchObject({ kind: null, address: null, state: 'Approved' });
  expect(rows.get(other.id)).toMatchObject({ kind: 'http' });
  expectLogged('server.transport');
});

test('an entry whose definition cannot be read is left out, the others can be chosen', async () => {
  const { admin, server, profile } = await openDomain();
  await owner.query(`update revision_entry set definition = '${BAD}' where tenant_id = $1 and name = 'get_order'`, [
    admin.tenantId,
  ]);
  const { entries } = await getServer({ ctx: admin, input: { serverId: server.id } });
  expect(entries.map(({ name }) => name)).toEqual(['cancel_order']);
  const choices = await listChoices({ ctx: admin, input: { profileId: profile.id, serverId: server.id, kinds: ['tool'] } });
  expect(choices.map(({ name }) => name)).toEqual(['cancel_order']);
  expectLogged('revision_entry.definition', 'revision_entry.definition');
});

test('a profile whose draft or published document cannot be read is listed', async () => {
  const domain = await openDomain();
  const { admin, server, profile } = domain;
  const other = await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order' }]);
  const rowOf = async (id: string) => (await listProfiles({ ctx: admin })).rows.find((row) => row.id === id);
  expect(await rowOf(profile.id)).toMatchObject({ selected: { tool: 2 }, draftChanged: false });

  const change = `update profile_version set document = '${BAD}', content_hash = 'another' where profile_id = $1`;
  await owner.query(change, [profile.id]);
  expect(await rowOf(profile.id)).toMatchObject({ selected: { tool: 2 }, draftChanged: true, publishedVersion: 1 });
  await plant('profile', `draft = '${BAD}'`, profile.id);
  expect(await rowOf(profile.id)).toMatchObject({ selected: null, draftChanged: false, publishedVersion: 1 });
  expect(await rowOf(other.id)).toMatchObject({ selected: { tool: 1 }, draftChanged: true });
  expectLogged('profile_version.document', 'profile.draft', 'profile.draft');
});

test('a receipt whose document cannot be read is listed with what its columns hold', async () => {
  const { admin, agentCtx, workspace } = await openDomain();
  const spool = new Spool(workspace.site.id);
  const [bad, good] = [
    spool.makeNext({ method: 'prompts/get', kind: 'prompt', name: 'ask', advertisedName: 'ask' }),
    spool.makeNext(),
  ];
  await ingestReceipts({ ctx: agentCtx, input: { spoolId: spool.spoolId, receipts: [bad, good] } });
  await plant('receipt', `document = '{"format": 2}'`, bad.id);
  for (const [rows, summary] of [
    [(await listReceipts({ ctx: admin, input: {} })).rows, 'order_id=8841'],
    [(await getOverview({ ctx: admin })).lastCalls, 'order_id=…'],
  ] as const) {
    expect(rows).toMatchObject([
      { id: good.id, argumentsSummary: expect.stringContaining(summary) },
      {
        id: bad.id,
        method: 'prompts/get',
        name: 'ask',
        outcome: 'allowed',
        argumentsSummary: 'cannot be read',
        resultSummary: 'cannot be read',
      },
    ]);
  }
  expectLogged('receipt.document', 'receipt.document');
});
