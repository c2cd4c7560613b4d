import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { computeLogRoot } from '@gatehouse/policy/documents/revocation';

import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { revokeClientKey } from '../../src/client-key/revoke-client-key.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { hashPayload } from '../../src/revocation/envelope-row.ts';
import { getNewRevocations } from '../../src/revocation/get-new-revocations.ts';
import { getRevocationReach } from '../../src/revocation/get-revocation-reach.ts';
import { listRevocations } from '../../src/revocation/list-revocations.ts';
import { recordRevocationsStatus } from '../../src/revocation/record-revocations-status.ts';
import { disableServer } from '../../src/server/switch-server.ts';
import { makeDomain, serveOneTool } from '../support/domain.ts';
import { expectRefused, makeWorkspace, openWorld } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

/** A log of three entries: a key, a server, a person. */
async function makeLog() {
  const domain = await makeDomain(await makeWorkspace(world.runtime));
  const { admin, agent, agentCtx } = domain;
  const { tenantId } = admin;
  await runInTenant(world.runtime.db, tenantId, (tx) =>
    tx.agent.update({ where: { tenantId_id: { tenantId, id: agent.id } }, data: { features: ['revocations'] } }),
  );
  const { server, profile, person, membershipId } = await serveOneTool(domain);
  const { id: keyId } = await createClientKey({ ctx: person, input: { profileId: profile.id, name: 'laptop' } });
  await revokeClientKey({ ctx: person, input: { keyId } });
  await disableServer({ ctx: admin, input: { serverId: server.id } });
  await removeMember({ ctx: admin, input: { membershipId } });
  /** The agent says that it has the first so many entries. */
  const confirm = async (count: number) => {
    const all = (await getNewRevocations({ ctx: agentCtx, input: { after: 0 } }))?.entries ?? [];
    const hashes = all.slice(0, count).map(({ payload }) => hashPayload(Buffer.from(payload, 'base64')));
    await recordRevocationsStatus({ ctx: agentCtx, input: { count, root: computeLogRoot(hashes.sort()) } });
  };
  const readAgent = async () => (await getRevocationReach({ ctx: admin })).agents.find(({ id }) => id === agent.id);
  return { ...domain, server, keyId, membershipId, person, confirm, readAgent };
}

test('the log is shown newest first: what, how, by whom, by which act; page by page', async () => {
  const { admin, server, keyId, membershipId } = await makeLog();
  const { rows, nextCursor } = await listRevocations({ ctx: admin, input: { limit: 2 } });
  expect(rows).toMatchObject([
    { seq: 3, act: 'before', subjectKind: 'person', subjectId: membershipId },
    { seq: 2, act: 'stop', subjectKind: 'server', subjectId: server.id, subjectName: expect.stringContaining('Orders') },
  ]);
  expect(rows.map(({ by }) => by)).not.toContain(null);
  const rest = await listRevocations({ ctx: admin, input: { limit: 2, cursor: nextCursor ?? '' } });
  expect(rest).toMatchObject({
    rows: [{ seq: 1, act: 'end', subjectKind: 'key', subjectId: keyId, subjectName: 'laptop of Ada Example (left)' }],
    nextCursor: null,
  });
});

test('an agent has what it has confirmed by a root that the log had; any other root confirms nothing', async () => {
  const { agentCtx, admin, confirm, readAgent } = await makeLog();
  expect(await getRevocationReach({ ctx: admin })).toMatchObject({ lastSeq: 3 });
  expect(await readAgent()).toMatchObject({ keepsLog: true, confirmed: null, confirmedAt: null });
  await confirm(0);
  expect(await readAgent()).toMatchObject({ confirmed: 0 });
  await confirm(2);
  expect(await readAgent()).toMatchObject({ confirmed: 2 });
  expect(await getRevocationReach({ ctx: admin })).toMatchObject({ keeping: 1, complete: 0 });
  const having = async () => (await listRevocations({ ctx: admin })).rows.map((row) => [row.seq, row.having]);
  expect(await having()).toEqual([
    [3, 0],
    [2, 1],
    [1, 1],
  ]);
  await confirm(3);
  expect(await getRevocationReach({ ctx: admin })).toMatchObject({ keeping: 1, complete: 1 });
  expect(await having()).toContainEqual([3, 1]);
  const whole = await readAgent();
  expect(whole).toMatchObject({ confirmed: 3 });
  await confirm(3);
  expect(await readAgent()).toEqual(whole);
  await recordRevocationsStatus({ ctx: agentCtx, input: { count: 3, root: 'a'.repeat(64) } });
  expect(await readAgent()).toMatchObject({ confirmed: null });
});

test('a member does not read the log, and another workspace finds nothing of it', async () => {
  const { workspace, agent } = await makeLog();
  const member = await workspace.as('member');
  await expectRefused('not_permitted', listRevocations({ ctx: member }));
  await expectRefused('not_permitted', getRevocationReach({ ctx: member }));
  await expectRefused(
    'not_permitted',
    recordRevocationsStatus({ ctx: await workspace.as('owner'), input: { count: 0, root: 'a'.repeat(64) } }),
  );
  const stranger = await (await makeWorkspace(world.runtime)).as('owner');
  expect(await listRevocations({ ctx: stranger })).toEqual({ rows: [], nextCursor: null, total: 0 });
  expect((await getRevocationReach({ ctx: stranger })).agents.map(({ id }) => id)).not.toContain(agent.id);
  await expectRefused('invalid', listRevocations({ ctx: stranger, input: { cursor: randomUUID() } }));
});
