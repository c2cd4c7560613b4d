import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { defineTool } from '@gatehouse/policy/testing/build';

import { createClientKey } from '../../src/client-key/create-client-key.ts';
import type { ServiceContext } from '../../src/context.ts';
import { startDiscovery } from '../../src/discovery/start-discovery.ts';
import { saveDraft } from '../../src/profile/draft/save-draft.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { getReceiptNames } from '../../src/receipt/receipt-names.ts';
import { decideReview } from '../../src/review/decide-review.ts';
import { getReview } from '../../src/review/get-review.ts';
import { listReviews } from '../../src/review/list-reviews.ts';
import { updateServer } from '../../src/server/edit/update-server.ts';
import { archiveServer, restoreServer } from '../../src/server/end/archive-server.ts';
import { deleteServer } from '../../src/server/end/delete-server.ts';
import { getServerUse } from '../../src/server/end/server-use.ts';
import { getServer } from '../../src/server/get-server.ts';
import { listServers } from '../../src/server/list-servers.ts';
import { setServerLimits } from '../../src/server/set-server-limits.ts';
import { disableServer, enableServer } from '../../src/server/switch-server.ts';
import {
  addApprovedServer,
  addServer,
  discover,
  type Domain,
  listChoices,
  listServed,
  makeDomain,
  readNewestSnapshot,
  serveOneTool,
} from '../support/domain.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const makeOwnDomain = async () => makeDomain(await makeWorkspace(world.runtime));
const domain = await makeOwnDomain();

const archive = ({ admin: ctx }: Pick<Domain, 'admin'>, serverId: string) => archiveServer({ ctx, input: { serverId } });
const restore = (ctx: ServiceContext, serverId: string) => restoreServer({ ctx, input: { serverId } });
const remove = ({ admin: ctx }: Pick<Domain, 'admin'>, serverId: string, name: string) =>
  deleteServer({ ctx, input: { serverId, name } });
const getDetail = ({ admin: ctx }: Pick<Domain, 'admin'>, serverId: string) => getServer({ ctx, input: { serverId } });

/** Acts and subjects of the revocation log. */
const readLog = ({ admin: { runtime, tenantId } }: Domain) =>
  runInTenant(getFixtureDb(runtime), tenantId, (tx) =>
    tx.revocation.findMany({ where: { tenantId }, orderBy: { seq: 'asc' }, select: { act: true, subjectId: true } }),
  );

test('archived is out of the list, out of the configuration and stopped at once; restored is as it was', async () => {
  const of = await makeOwnDomain();
  const { server } = await serveOneTool(of);
  await archive(of, server.id);
  expect(await readLog(of)).toEqual([{ act: 'stop', subjectId: server.id }]);
  expect(listServed(await readNewestSnapshot(of))).toEqual([]);
  expect((await readNewestSnapshot(of))?.content.servers).toEqual([]);
  expect((await listServers({ ctx: of.admin })).rows).toEqual([]);
  expect((await listServers({ ctx: of.admin, input: { archived: true } })).rows).toMatchObject([
    { id: server.id, state: 'Archived' },
  ]);
  expect(await getDetail(of, server.id)).toMatchObject({ state: 'Archived' });

  await restore(of.admin, server.id);
  expect((await readLog(of)).map(({ act }) => act)).toEqual(['stop', 'lift']);
  expect(listServed(await readNewestSnapshot(of))).toEqual([{ name: 'get_order', risk: 'read' }]);
  expect(await getDetail(of, server.id)).toMatchObject({ state: 'Approved', archivedAt: null, disabledAt: null });
  expect((await readAudit(of.admin, server.id)).slice(-2)).toMatchObject([
    { action: 'server.archive', before: { archived: false, disabled: false }, after: { archived: true } },
    { action: 'server.restore', after: { archived: false, disabled: false } },
  ]);
});

test('what was off before stays off when it is restored, and what is archived is not enabled by another way', async () => {
  const { id } = await addServer(domain);
  await disableServer({ ctx: domain.admin, input: { serverId: id } });
  world.advanceClock(1_000);
  await archive(domain, id);
  await expectRefused('precondition', enableServer({ ctx: domain.admin, input: { serverId: id } }));
  await restore(domain.admin, id);
  expect(await getDetail(domain, id)).toMatchObject({ state: 'Disabled', archivedAt: null });
});

test('what is archived is neither edited nor looked at, and asks nobody for a review', async () => {
  const { id } = await addServer(domain);
  const { openReviewId } = await discover(domain, id, [defineTool('get_order')]);
  const listOpen = async () => (await listReviews({ ctx: domain.admin, input: {} })).rows.map((review) => review.id);
  expect(await listOpen()).toContain(openReviewId);
  await archive(domain, id);
  expect(await listOpen()).not.toContain(openReviewId);
  const { revision, name, purpose, transport, limits, sites } = await getDetail(domain, id);
  const input = { serverId: id, revision, name, transport, limits, siteIds: sites.map((site) => site.id) };
  await expectRefused('precondition', updateServer({ ctx: domain.admin, input: { ...input, purpose: `${purpose}!` } }));
  await expectRefused(
    'precondition',
    setServerLimits({ ctx: domain.admin, input: { serverId: id, revision, limits: { startMs: 1_000 } } }),
  );
  await expectRefused('precondition', startDiscovery({ ctx: domain.admin, input: { serverId: id, agentId: domain.agent.id } }));
  await expectRefused('conflict', archive(domain, id));
  await restore(domain.admin, id);
  await expectRefused('conflict', restore(domain.admin, id));
  expect(await listOpen()).toContain(openReviewId);
});

test('an author does not bring back what somebody else put away, and whoever put it away does', async () => {
  const of = await makeOwnDomain();
  const { id } = await addServer(of);
  const other = await of.workspace.as('owner');
  await archiveServer({ ctx: other, input: { serverId: id } });
  const refused = await expectRefused('not_permitted', restore(of.admin, id));
  expect(refused.message).toContain('Somebody else switched this off');
  await restore(other, id);
  expect((await getDetail(of, id)).disabledAt).toBeNull();
});

test('only owners and admins end a server, and another tenant answers as what does not exist', async () => {
  const { id } = await addServer(domain);
  const verbs = [archiveServer, restoreServer, getServerUse].map(
    (verb) =>
      (ctx: ServiceContext, serverId: string): Promise<unknown> =>
        verb({ ctx, input: { serverId } }),
  );
  verbs.push((ctx, serverId) => deleteServer({ ctx, input: { serverId, name: 'x' } }));
  const other = await makeOwnDomain();
  for (const verb of verbs) {
    for (const role of ['reviewer', 'auditor', 'builder', 'member'] as const) {
      await expectRefused('not_permitted', verb(await domain.workspace.as(role), id));
    }
    const foreign = await expectRefused('not_found', verb(other.admin, id));
    const unknown = await expectRefused('not_found', verb(other.admin, randomUUID()));
    expect(foreign.message).toBe(unknown.message);
  }
});

test('what would stop working is named before', async () => {
  const of = await makeOwnDomain();
  const { server, profile, person } = await serveOneTool(of);
  const input = { serverId: server.id };
  expect(await getServerUse({ ctx: of.admin, input })).toMatchObject({
    profiles: [{ id: profile.id, published: 1, isInDraft: true, isDisabled: false }],
    people: 0,
    lastCallAt: null,
  });
  await createClientKey({ ctx: person, input: { profileId: profile.id, name: 'laptop' } });
  expect((await getServerUse({ ctx: of.admin, input })).people).toBe(1);
});

test('only what is archived, typed and named by no profile is deleted; receipts, revocations and decisions go on', async () => {
  const of = await makeOwnDomain();
  const transport = { kind: 'http', url: 'https://gone.example/mcp' } as const;
  const { server, profile } = await serveOneTool(of);
  const { name } = await getDetail(of, server.id);
  await expectRefused('precondition', remove(of, server.id, name));
  await archive(of, server.id);
  expect((await expectRefused('invalid', remove(of, server.id, 'something else'))).field).toBe('name');
  const used = await expectRefused('precondition', remove(of, server.id, name));
  expect(used.message).toContain('still names it');
  // the version in force names it as well as the draft
  const other = await addApprovedServer(of, [defineTool('get_order')]);
  const entries = [{ kind: 'tool' as const, serverId: other.id, name: 'get_order' }];
  await saveDraft({ ctx: of.admin, input: { profileId: profile.id, draft: { entries } } });
  await expectRefused('precondition', remove(of, server.id, name));
  await publishProfile({ ctx: of.admin, input: { profileId: profile.id } });
  await remove(of, server.id, name);

  await expectRefused('not_found', getDetail(of, server.id));
  expect((await readAudit(of.admin, server.id)).at(-1)).toMatchObject({
    action: 'server.delete',
    before: { name, slug: server.slug },
  });
  const { tenantId, runtime } = of.admin;
  const names = await runInTenant(runtime.db, tenantId, (tx) =>
    getReceiptNames(tx, tenantId, [{ serverId: server.id, profileId: null, personId: null, agentId: of.agent.id }]),
  );
  expect(names.findServer({ serverId: server.id, profileId: null, personId: null, agentId: of.agent.id })).toMatchObject({
    name,
  });
  expect(await readLog(of)).toEqual([{ act: 'stop', subjectId: server.id }]);
  // the slug and the name are free again
  expect((await addServer(of, { name, transport })).slug).toBe(server.slug);
});

test('T-42: a rejection is not forgotten by deleting its server and adding it again', async () => {
  const of = await makeOwnDomain();
  const transport = { kind: 'http', url: 'https://again.example/mcp' } as const;
  const { id } = await addServer(of, { name: 'Rejected', transport });
  const { openReviewId } = await discover(of, id, [defineTool('get_order')]);
  const decisions = await listChoices(of.reviewer, openReviewId ?? '', { get_order: { verdict: 'rejected' } });
  await decideReview({ ctx: of.reviewer, input: { reviewId: openReviewId ?? '', decisions } });
  await archive(of, id);
  await remove(of, id, 'Rejected');
  const again = await addServer(of, { name: 'Rejected', transport });
  const found = await discover(of, again.id, [defineTool('get_order')]);
  const { entries } = await getReview({ ctx: of.reviewer, input: { reviewId: found.openReviewId ?? '' } });
  expect(entries).toMatchObject([{ wasRejected: true, elsewhere: [{ serverName: 'Rejected', verdict: 'rejected' }] }]);
});
