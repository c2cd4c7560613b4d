import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Agent } from '@gatehouse/db/client';
import { runInTenant } from '@gatehouse/db/tenant';
import { makeAgent, makeSite } from '@gatehouse/db/testing';
import { compileServerPart } from '@gatehouse/policy/compile/compile-parts';
import { computePin } from '@gatehouse/policy/documents/content-hash';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import { readNumber } from '@gatehouse/policy/documents/exact-number';
import { ProfilePart, ServerPart } from '@gatehouse/policy/documents/manifest';
import { computeSteadyPin } from '@gatehouse/policy/documents/steady-pin';
import { noteDigits, roundDigits } from '@gatehouse/policy/schema/noted-digits';
import { defineTool } from '@gatehouse/policy/testing/build';
import { MOST_LEFT_OUT } from '@gatehouse/protocol/left-out';
import type { Offer } from '@gatehouse/protocol/messages';

import type { ServiceContext } from '../../src/context.ts';
import { keepLook } from '../../src/discovery/keep-look.ts';
import { recordObservation } from '../../src/discovery/record-observation.ts';
import { recordResult } from '../../src/discovery/record-result.ts';
import { startDiscovery } from '../../src/discovery/start-discovery.ts';
import { expireRecords } from '../../src/jobs/expire-records.ts';
import { createProfile } from '../../src/profile/create-profile.ts';
import { saveDraft } from '../../src/profile/draft/save-draft.ts';
import { getProfile } from '../../src/profile/get-profile.ts';
import { listProfiles } from '../../src/profile/list-profiles.ts';
import { previewProfile } from '../../src/profile/publish/preview-profile.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { decideReview } from '../../src/review/decide-review.ts';
import { getReview } from '../../src/review/get-review.ts';
import { listReviews } from '../../src/review/list-reviews.ts';
import { getServer } from '../../src/server/get-server.ts';
import { refreshSnapshots } from '../../src/snapshot/refresh-snapshots.ts';
import { addServer, approveReview, type Domain, listChoices, makeDomain, makeFound, makeOffer } from '../support/domain.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

const OLD = defineTool('find', { description: 'Finds an order.' });
const NEW = defineTool('find', { description: 'Finds an order, and tells the shop of it.' });
const STABLE = defineTool('list');

interface Site {
  id: string;
  slug: string;
  agent: Agent;
  ctx: ServiceContext;
}

let domain: Domain;
let helsinki: Site;
let oulu: Site;

beforeAll(async () => {
  domain = await makeDomain(await makeWorkspace(world.runtime));
  [helsinki, oulu] = [await addSite('helsinki'), await addSite('oulu')];
});

/** A site with an agent that watches, or one of before that. */
async function addSite(slug: string, features: string[] = ['parts', 'revocations', 'observations']): Promise<Site> {
  const { workspace, admin } = domain;
  const db = getFixtureDb(admin.runtime);
  const { id } = await makeSite(db, workspace.tenant.id, { slug, name: slug });
  const agent = await makeAgent(db, workspace.tenant.id, { siteId: id, lastSeenAt: admin.runtime.now(), features });
  return { id, slug, agent, ctx: workspace.makeContext({ kind: 'agent', agentId: agent.id, siteId: id }) };
}

const report = ({ ctx }: Site, serverId: string, ...tools: ToolDefinition[]) =>
  recordObservation({ ctx, input: { serverId, offer: makeOffer(...tools) } });
const readServer = (serverId: string) => getServer({ ctx: domain.admin, input: { serverId } });
/** What the worker does when it is asked. */
const refresh = () => refreshSnapshots({ ctx: domain.workspace.asSystem('refresh-snapshots') });

/** Has the agent of a site look at a server. */
async function lookAt(site: Site, serverId: string, ...tools: ToolDefinition[]) {
  const { id: discoveryId } = await startDiscovery({ ctx: domain.admin, input: { serverId, agentId: site.agent.id } });
  return recordResult({ ctx: site.ctx, input: { discoveryId, outcome: makeFound(tools) } });
}

/** A server at both sites, looked at in Helsinki, and a profile that serves both of its tools. */
async function addServed(siteIds = [helsinki.id, oulu.id]) {
  const { admin } = domain;
  const server = await addServer(domain, { siteIds });
  const { openReviewId } = await lookAt(helsinki, server.id, OLD, STABLE);
  if (openReviewId === null) throw new Error('No review was opened');
  await approveReview(domain, openReviewId);
  const profile = await createProfile({ ctx: admin, input: { name: `Support ${randomUUID()}`, siteIds } });
  const entries = [OLD, STABLE].map(({ name }) => ({ kind: 'tool' as const, serverId: server.id, name }));
  await saveDraft({ ctx: admin, input: { profileId: profile.id, draft: { entries } } });
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  return { serverId: server.id, profileId: profile.id, reviewId: openReviewId };
}

/** What the newest manifest of a site has of a server, and of a profile. */
async function readParts({ id: siteId }: Site, { serverId, profileId }: { serverId: string; profileId?: string }) {
  const { tenantId, runtime } = domain.admin;
  return runInTenant(getFixtureDb(runtime), tenantId, async (tx) => {
    const newest = await tx.manifest.findFirstOrThrow({ where: { tenantId, siteId }, orderBy: { version: 'desc' } });
    const read = async (hash: string): Promise<unknown> => {
      const { bytes } = await tx.configPart.findUniqueOrThrow({ where: { tenantId_hash: { tenantId, hash } } });
      return JSON.parse(Buffer.from(bytes).toString());
    };
    const { roots } = JSON.parse(Buffer.from(newest.payload).toString()) as { roots: { servers: string; profiles: string } };
    const open = async (root: string, id: string) => {
      const { entries } = (await read(root)) as { entries: [string, string][] };
      const hash = new Map(entries).get(id);
      return hash === undefined ? null : read(hash);
    };
    const server = await open(roots.servers, serverId);
    // an agent withholds a server that has an entry twice
    const offered = server === null ? [] : [...compileServerPart(ServerPart.parse(server)).entries.values()];
    const profile = profileId === undefined ? null : await open(roots.profiles, profileId);
    return { offered, selected: profile === null ? [] : ProfilePart.parse(profile).entries };
  });
}

/** The tools that a site serves of a profile, each with its description: what profile and server parts of its newest manifest agree on. */
async function readServed(site: Site, served: { serverId: string; profileId: string }) {
  const { offered, selected } = await readParts(site, served);
  return selected.flatMap(({ name, pin }) => {
    const found = offered.find((entry) => entry.name === name && entry.pin === pin);
    return found?.kind === 'tool' ? [`${name}: ${found.definition.description ?? ''}`] : [];
  });
}

/** By name, the other texts that an agent of the site takes. */
async function readAlike(site: Site, serverId: string) {
  const { offered } = await readParts(site, { serverId });
  return Object.fromEntries(offered.map((entry) => [entry.name, 'alike' in entry ? entry.alike : undefined]));
}

const describe = ({ name, description = '' }: ToolDefinition) => `${name}: ${description}`;

test('T-51: two sites whose servers differ are told apart, and each serves the accepted text that it has', async () => {
  const served = await addServed();
  const { serverId, profileId } = served;
  await report(oulu, serverId, OLD, STABLE);
  expect(await readServed(oulu, served)).toEqual([OLD, STABLE].map(describe));

  await report(oulu, serverId, NEW, STABLE);
  await refresh();
  expect(await readServed(oulu, served)).toEqual([describe(STABLE)]);
  expect(await readServed(helsinki, served)).toEqual([OLD, STABLE].map(describe));

  const seen = await readServer(serverId);
  expect(seen.sites.map(({ slug, revision, agentName }) => [slug, revision, agentName])).toEqual([
    ['helsinki', 1, helsinki.agent.name],
    ['oulu', 2, oulu.agent.name],
  ]);
  expect(seen.entries.map(({ name, verdict, onlyAt }) => [name, verdict, onlyAt])).toEqual([
    ['find', 'approved', ['helsinki']],
    ['find', 'pending', ['oulu']],
    ['list', 'approved', []],
  ]);
  expect(seen).toMatchObject({ state: 'Change held', offered: { tool: 2 }, approved: { tool: 2 } });
  await expectRefused('precondition', publishProfile({ ctx: domain.admin, input: { profileId } }));
  const [selected] = (await getProfile({ ctx: domain.admin, input: { profileId } })).draft?.entries ?? [];
  expect(selected?.problem).toEqual({ code: 'waits_for_review', text: 'waits for review at oulu' });

  const reviewId = seen.sites[1]?.openReviewId;
  if (!reviewId) throw new Error('Nothing waits for a decision');
  await approveReview(domain, reviewId);
  // accepted, but not published: what was published is the other text
  expect(await readServed(oulu, served)).toEqual([describe(STABLE)]);
  await publishProfile({ ctx: domain.admin, input: { profileId } });
  expect(await readServed(oulu, served)).toEqual([describe(NEW), describe(STABLE)].toSorted());
  expect(await readServed(helsinki, served)).toEqual([describe(OLD), describe(STABLE)]);

  const { draft } = await getProfile({ ctx: domain.admin, input: { profileId } });
  expect(draft?.changed).toBe(false);
  const [row] = (await listProfiles({ ctx: domain.admin })).rows.filter(({ id }) => id === profileId);
  expect(row?.draftChanged).toBe(false);
  const preview = (siteId: string) => previewProfile({ ctx: domain.admin, input: { profileId, siteId } });
  expect((await preview(helsinki.id)).tools).toMatchObject([{ description: OLD.description }, { name: 'list' }]);
  expect((await preview(oulu.id)).tools).toMatchObject([{ description: NEW.description }, { name: 'list' }]);
  await expectRefused('not_found', preview(randomUUID()));
});

test('T-51: a server that alternates between two approved texts is served in one of them at all times, and agents are told of the other', async () => {
  const served = await addServed([helsinki.id]);
  const { serverId, profileId } = served;
  await report(helsinki, serverId, NEW, STABLE);
  const { openReviewId } = await readServer(serverId);
  if (openReviewId === null) throw new Error('No review was opened');
  await approveReview(domain, openReviewId);
  await publishProfile({ ctx: domain.admin, input: { profileId } });
  expect(await readServed(helsinki, served)).toEqual([describe(NEW), describe(STABLE)]);
  const settled = await readServer(serverId);

  for (const text of [OLD, NEW, OLD]) {
    await report(helsinki, serverId, text, STABLE);
    await refresh();
    expect(await readServed(helsinki, served)).toEqual([describe(NEW), describe(STABLE)]);
    expect(await readServer(serverId)).toMatchObject({
      entries: settled.entries,
      revisions: settled.revisions,
      openReviewId: null,
    });
  }
  expect(await readAlike(helsinki, serverId)).toEqual({ find: [computePin(OLD)], list: undefined });

  // one that differs in more than words is another tool, whoever approved it
  const WIDER = defineTool('find', { ...NEW, inputSchema: { type: 'object', properties: { all: { type: 'boolean' } } } });
  await report(helsinki, serverId, WIDER, STABLE);
  const opened = await readServer(serverId);
  await approveReview(domain, opened.openReviewId ?? '');
  await publishProfile({ ctx: domain.admin, input: { profileId } });
  expect(await readAlike(helsinki, serverId)).toEqual({ find: undefined, list: undefined });
  await report(helsinki, serverId, OLD, STABLE);
  expect((await readServer(serverId)).entries.find(({ name }) => name === 'find')).toMatchObject({ definition: OLD });
});

/** Reports these tools, and has the review that opens decided: all are approved, with this risk. */
async function approveNext({ serverId }: { serverId: string }, tools: ToolDefinition[], risk: 'read' | 'write' = 'read') {
  await report(helsinki, serverId, ...tools);
  const reviewId = (await readServer(serverId)).openReviewId;
  if (reviewId === null) throw new Error('No review was opened');
  const choices = Object.fromEntries(tools.map(({ name }) => [name, { verdict: 'approved' as const, risk }]));
  const decisions = await listChoices(domain.reviewer, reviewId, choices);
  await decideReview({ ctx: domain.reviewer, input: { reviewId, decisions } });
}

async function readPreview(profileId: string): Promise<string[]> {
  const { tools } = await previewProfile({ ctx: domain.admin, input: { profileId, of: 'published' } });
  return tools.map(({ name, description = '' }) => `${name}: ${description}`);
}

/** The text that the site has, in a profile of its own. */
async function publishOther(serverId: string): Promise<string> {
  const input = { name: `Other ${randomUUID()}`, siteIds: [helsinki.id] };
  const { id: profileId } = await createProfile({ ctx: domain.admin, input });
  const entries = [OLD, STABLE].map(({ name }) => ({ kind: 'tool' as const, serverId, name }));
  await saveDraft({ ctx: domain.admin, input: { profileId, draft: { entries } } });
  await publishProfile({ ctx: domain.admin, input: { profileId } });
  return profileId;
}

test('T-51: a tool is callable as soon as its server goes back to the text that is published, though it was approved in other words meanwhile', async () => {
  const served = await addServed([helsinki.id]);
  await approveNext(served, [NEW, STABLE]);
  expect(await readServed(helsinki, served)).toEqual([describe(STABLE)]);
  for (const text of [OLD, NEW, OLD]) {
    await report(helsinki, served.serverId, text, STABLE);
    await refresh();
    expect(await readServed(helsinki, served)).toEqual([OLD, STABLE].map(describe));
    expect(await readPreview(served.profileId)).toEqual([OLD, STABLE].map(describe));
    expect(await readAlike(helsinki, served.serverId)).toEqual({ find: [computePin(NEW)], list: undefined });
  }
  // a text that is rejected afterwards is off, whatever else is approved of it
  const { reviewId } = served;
  const decisions = await listChoices(domain.reviewer, reviewId, { find: { verdict: 'rejected', note: 'Of before.' } });
  await decideReview({ ctx: domain.reviewer, input: { reviewId, decisions, again: true } });
  expect(await readServed(helsinki, served)).toEqual([describe(STABLE)]);
});

test('T-51: a site serves one text of a tool, also to a profile that was published with another of the same, and to each that it is approved for', async () => {
  const served = await addServed([helsinki.id]);
  const { serverId, profileId, reviewId } = served;
  await approveNext(served, [NEW, STABLE]);
  const other = { serverId, profileId: await publishOther(serverId) };
  expect(await readServed(helsinki, served)).toEqual([describe(STABLE)]);
  for (const text of [OLD, NEW, OLD]) {
    await report(helsinki, serverId, text, STABLE);
    await refresh();
    for (const profile of [served, other]) {
      expect(await readServed(helsinki, profile)).toEqual([NEW, STABLE].map(describe));
      expect(await readPreview(profile.profileId)).toEqual([NEW, STABLE].map(describe));
    }
    expect(await readAlike(helsinki, serverId)).toEqual({ find: [computePin(OLD)], list: undefined });
  }
  expect((await getProfile({ ctx: domain.admin, input: { profileId } })).draft?.changed).toBe(true);

  const decisions = await listChoices(domain.reviewer, reviewId, { find: { verdict: 'rejected', note: 'Of before.' } });
  await decideReview({ ctx: domain.reviewer, input: { reviewId, decisions, again: true } });
  expect(await readServed(helsinki, served)).toEqual([describe(STABLE)]);
  expect(await readServed(helsinki, other)).toEqual([NEW, STABLE].map(describe));
});

test('T-51: a text on which something else was decided, or that was published in the place of another, is another tool', async () => {
  const served = await addServed([helsinki.id]);
  const { serverId, profileId } = served;
  const sayAgain = async (...tools: ToolDefinition[]) => {
    await report(helsinki, serverId, ...tools);
    await refresh();
    return readServed(helsinki, served);
  };
  await approveNext(served, [NEW, STABLE], 'write');
  expect(await sayAgain(NEW, STABLE)).toEqual([describe(STABLE)]);
  expect(await sayAgain(OLD, STABLE)).toEqual([OLD, STABLE].map(describe));
  // nobody decided on it
  expect(await sayAgain(defineTool('find', { description: 'Finds.' }), STABLE)).toEqual([describe(STABLE)]);

  const WIDER = defineTool('find', { ...OLD, inputSchema: { type: 'object', properties: { all: { type: 'boolean' } } } });
  await approveNext(served, [WIDER, STABLE], 'write');
  expect(await sayAgain(OLD, STABLE)).toEqual([OLD, STABLE].map(describe));
  await sayAgain(WIDER, STABLE);
  await publishProfile({ ctx: domain.admin, input: { profileId } });
  expect(await sayAgain(OLD, STABLE)).toEqual([describe(STABLE)]);
});

test('T-51: prompts, resources and templates go back as tools do, also where the content of a resource changes each time', async () => {
  const write = (words: string, size: number): Offer['entries'] => [
    { kind: 'prompt', definition: { name: 'triage', description: words } },
    { kind: 'resource', definition: { uri: 'orders:///latest', name: 'latest', description: words, size } },
    { kind: 'template', definition: { uriTemplate: 'orders:///{id}', name: 'order', description: words } },
    { kind: 'instructions', definition: { text: words } },
  ];
  const { admin } = domain;
  const { id: serverId } = await addServer(domain, { siteIds: [helsinki.id] });
  const say = async (words: string, size: number) => {
    await recordObservation({ ctx: helsinki.ctx, input: { serverId, offer: { ...makeOffer(), entries: write(words, size) } } });
    await refresh();
    return (await readServer(serverId)).openReviewId;
  };
  await approveReview(domain, (await say('Of today', 1)) ?? '');
  const { id: profileId } = await createProfile({ ctx: admin, input: { name: `Reads ${randomUUID()}`, siteIds: [helsinki.id] } });
  const chosen = [
    { kind: 'prompt', name: 'triage' },
    { kind: 'resource', name: 'orders:///latest' },
    { kind: 'template', name: 'orders:///{id}' },
    { kind: 'instructions', name: 'instructions' },
  ] as const;
  await saveDraft({ ctx: admin, input: { profileId, draft: { entries: chosen.map((entry) => ({ ...entry, serverId })) } } });
  await publishProfile({ ctx: admin, input: { profileId } });
  const readKinds = async () => {
    const { offered, selected } = await readParts(helsinki, { serverId, profileId });
    return selected.filter(({ pin }) => offered.some((entry) => entry.pin === pin)).map(({ kind }) => kind);
  };
  const worded = ['prompt', 'resource', 'template'];
  expect(await readKinds()).toEqual([...worded, 'instructions']);
  await approveReview(domain, (await say('Of this week', 2)) ?? '');
  expect(await readKinds()).toEqual([]);
  for (const [words, size] of [
    ['Of today', 3],
    ['Of this week', 4],
    ['Of today', 5],
  ] as const) {
    expect(await say(words, size)).toBeNull();
    // instructions are words and nothing else: others are others
    expect(await readKinds()).toEqual(words === 'Of today' ? [...worded, 'instructions'] : worded);
  }
});

test('T-51: a text that another server serves is no less an approved one of this server', async () => {
  const production = await addServed([helsinki.id]);
  await report(helsinki, production.serverId, NEW, STABLE);
  await approveReview(domain, (await readServer(production.serverId)).openReviewId ?? '');
  await publishProfile({ ctx: domain.admin, input: { profileId: production.profileId } });
  // the same product, whose site has the text of before
  const staging = await addServed([helsinki.id]);
  expect(await readServed(helsinki, staging)).toEqual([describe(OLD), describe(STABLE)]);
  expect(await readAlike(helsinki, production.serverId)).toEqual({ find: [computePin(OLD)], list: undefined });
  // nothing that was approved there is approved here
  expect(await readAlike(helsinki, staging.serverId)).toEqual({ find: undefined, list: undefined });
});

test('T-51: an approved text that agents take beside what a site has can be taken back', async () => {
  const served = await addServed([helsinki.id]);
  const { serverId, profileId } = served;
  const approveNext = async (text: ToolDefinition) => {
    await report(helsinki, serverId, text, STABLE);
    const reviewId = (await readServer(serverId)).openReviewId ?? '';
    await approveReview(domain, reviewId);
    return reviewId;
  };
  const reviewId = await approveNext(NEW);
  await approveNext(defineTool('find', { description: 'Finds orders.' }));
  await publishProfile({ ctx: domain.admin, input: { profileId } });
  const { find } = await readAlike(helsinki, serverId);
  expect(find?.toSorted()).toEqual([OLD, NEW].map((text) => computePin(text)).toSorted());

  const decisions = await listChoices(domain.reviewer, reviewId, { find: { verdict: 'rejected', note: 'It tells the shop.' } });
  await decideReview({ ctx: domain.reviewer, input: { reviewId, decisions, again: true } });
  expect(await readAlike(helsinki, serverId)).toEqual({ find: [computePin(OLD)], list: undefined });
});

test('a review that drift opened has no requester, and makes nobody an author', async () => {
  const { serverId } = await addServed();
  await report(oulu, serverId, NEW, STABLE);
  const { openReviewId } = await readServer(serverId);
  if (openReviewId === null) throw new Error('No review was opened');
  const detail = await getReview({ ctx: domain.reviewer, input: { reviewId: openReviewId } });
  expect(detail).toMatchObject({ requestedBy: null, canApprove: { ok: true } });
  expect(detail.entries.map(({ name, change }) => [name, change])).toEqual([
    ['find', 'changed'],
    ['list', 'unchanged'],
  ]);
  const listed = (await listReviews({ ctx: domain.reviewer, input: { state: 'open' } })).rows;
  expect(listed.find(({ id }) => id === openReviewId)).toMatchObject({ requestedBy: null });
  expect((await readAudit(domain.admin, serverId)).at(-1)).toMatchObject({
    action: 'server.observe',
    actorKind: 'agent',
    actorId: oulu.agent.id,
    after: { siteId: oulu.id, revision: 2, newRevision: true, reviewId: openReviewId },
  });
});

test('the texts of two sites wait side by side, and what a site has no more waits no longer', async () => {
  const { serverId } = await addServed();
  const other = defineTool('find', { description: 'A third text.' });
  await report(helsinki, serverId, other, STABLE);
  await report(oulu, serverId, NEW, STABLE);
  const waiting = (await readServer(serverId)).sites.map(({ openReviewId }) => openReviewId);
  expect(new Set(waiting).size).toBe(2);
  expect(waiting).not.toContain(null);
  const read = (reviewId: string | null | undefined) => getReview({ ctx: domain.reviewer, input: { reviewId: reviewId ?? '' } });
  expect(new Set((await read(waiting[0])).openReviewIds)).toEqual(new Set(waiting));

  await report(oulu, serverId, other, STABLE);
  const after = await readServer(serverId);
  expect(after.sites.map(({ openReviewId }) => openReviewId)).toEqual([waiting[0], waiting[0]]);
  const [helsinkis, oulus] = waiting;
  expect(await read(oulus)).toMatchObject({ review: { state: 'superseded' }, openReviewIds: [helsinkis] });
});

test('a server that goes back is served again without anybody, and saying it again changes nothing', async () => {
  const served = await addServed();
  const { serverId } = served;
  const count = async () => (await readServer(serverId)).revisions.length;
  await report(oulu, serverId, defineTool('other'));
  await refresh();
  expect(await readServed(oulu, served)).toEqual([]);
  for (let times = 0; times < 3; times += 1) await report(oulu, serverId, OLD, STABLE);
  await refresh();
  expect(await readServed(oulu, served)).toEqual([OLD, STABLE].map(describe));
  expect(await count()).toBe(2);
  const [site] = (await readServer(serverId)).sites.filter(({ id }) => id === oulu.id);
  expect(site).toMatchObject({ revision: 1, openReviewId: null });
});

test('a site whose agent does not watch goes by what somebody asked for, and drift elsewhere is nothing to it', async () => {
  const turku = await addSite('turku', ['parts']);
  const served = await addServed([helsinki.id, oulu.id, turku.id]);
  const { serverId } = served;
  await report(oulu, serverId, NEW, STABLE);
  await refresh();
  expect(await readServed(turku, served)).toEqual([OLD, STABLE].map(describe));
  const readTurku = async () => (await readServer(serverId)).sites.find(({ id }) => id === turku.id);
  expect(await readTurku()).toMatchObject({ revision: 1, observedAt: null, agentName: null });

  // a look that was asked for counts there, as it always did
  await lookAt(turku, serverId, NEW);
  await refresh();
  expect(await readServed(turku, served)).toEqual([]);
  expect(await readServed(helsinki, served)).toEqual([OLD, STABLE].map(describe));
});

test('T-35: an agent says nothing of another site, another tenant or another server', async () => {
  const { serverId } = await addServed([helsinki.id]);
  const before = await readServer(serverId);
  await expectRefused('not_found', report(oulu, serverId, NEW));
  await expectRefused('not_found', report(oulu, randomUUID(), NEW));
  const other = await makeDomain(await makeWorkspace(world.runtime));
  const foreign = { ...oulu, ctx: other.agentCtx };
  await expectRefused('not_found', report(foreign, serverId, NEW));
  await expectRefused('not_permitted', recordObservation({ ctx: domain.admin, input: { serverId, offer: makeOffer(NEW) } }));
  const claimed = { serverId, siteId: helsinki.id, offer: makeOffer(NEW) };
  await expectRefused('invalid', recordObservation({ ctx: oulu.ctx, input: claimed }));
  expect(await readServer(serverId)).toEqual(before);
});

test('T-57: what an agent sees is bounded, pinned here, and stored as text', async () => {
  const { serverId } = await addServed();
  const many = Array.from({ length: 10_000 }, (_, index) => defineTool(`tool_${index}`));
  await expectRefused('invalid', report(oulu, serverId, ...many));
  const huge = defineTool('huge', { description: 'x'.repeat(200_000) });
  const broken = defineTool('broken', { description: 'half \ud800 a character' });
  const twice = defineTool('twice');
  const hidden = defineTool('hidden', { description: 'Reads\u{e0041}\u{e0042} orders' });
  await expectRefused('invalid', report(oulu, serverId, huge));
  await report(oulu, serverId, broken, twice, { ...twice, description: 'other' }, hidden);
  const { entries } = await readServer(serverId);
  const seen = entries.filter(({ onlyAt }) => onlyAt.includes('oulu'));
  expect(seen.map(({ name, pin }) => [name, pin])).toEqual([['hidden', computePin(hidden)]]);
  const reviewId = (await readServer(serverId)).sites[1]?.openReviewId ?? '';
  const detail = await getReview({ ctx: domain.reviewer, input: { reviewId } });
  expect(detail.entries[0]?.hiddenText.length).toBeGreaterThan(0);
});

test('T-57: however much an agent says that it left out, what it sees is taken in', async () => {
  const { serverId } = await addServed([helsinki.id]);
  const part = { kind: 'tool', name: 'x', pointer: null, keyword: null, cause: 'unsound', reason: 'of no form' } as const;
  const leftOut = { parts: Array.from({ length: MOST_LEFT_OUT }, () => part), more: Number.MAX_SAFE_INTEGER };
  await recordObservation({ ctx: helsinki.ctx, input: { serverId, offer: { ...makeOffer(OLD, STABLE, STABLE), leftOut } } });
  const { heldBack } = await readServer(serverId);
  expect(heldBack).toMatchObject([{ more: Number.MAX_SAFE_INTEGER }]);
});

test('T-57: others are served while what an agent left out is looked through', async () => {
  const { serverId } = await addServed([helsinki.id]);
  const { tenantId, runtime } = domain.admin;
  let [isRun, isRunByEnd] = [false, false];
  const part = (name: string) => ({ kind: 'tool', name, pointer: null, keyword: null, cause: 'unsound', reason: '' }) as const;
  await runInTenant(getFixtureDb(runtime), tenantId, async (tx) => {
    const { id: revisionId } = await tx.serverRevision.findFirstOrThrow({ where: { tenantId, serverId } });
    await keepLook(tx, {
      tenantId,
      revisionId,
      siteId: helsinki.id,
      agentId: helsinki.agent.id,
      lookedAt: runtime.now(),
      told: { parts: [part('first'), part('last')], more: 0 },
      refused: [],
      redact: (text) => {
        if (text === 'first') {
          isRun = false;
          setImmediate(() => (isRun = true));
        }
        if (text === 'last') isRunByEnd = isRun;
        return text;
      },
    });
  });
  expect(isRunByEnd).toBe(true);
});

test('T-57: one agent stores only so many lists of one server', async () => {
  const { serverId } = await addServed();
  const attempts = [];
  for (let index = 0; index < 20; index += 1) {
    attempts.push(
      report(oulu, serverId, defineTool(`tool_${index}`)).then(
        () => 'kept',
        () => 'refused',
      ),
    );
  }
  const results = await Promise.all(attempts);
  expect(results.filter((result) => result === 'kept')).toHaveLength(12);
  await expectRefused('rate_limited', report(oulu, serverId, NEW));
});

test('T-10: with the role of the hub alone, a lie about what a site has only takes away', async () => {
  const served = await addServed();
  const { serverId } = served;
  const { tenantId, runtime } = oulu.ctx;
  await runInTenant(runtime.db, tenantId, async (tx) => {
    const revisionId = randomUUID();
    const about = { protocolVersion: '', serverInfo: {}, contentHash: '' };
    await tx.serverRevision.createMany({ data: [{ tenantId, id: revisionId, serverId, number: 99, ...about }] });
    const entry = { tenantId, revisionId, kind: 'tool' as const, name: 'find' };
    // another definition under the approved pin, and one that nobody approved under its own
    const definition = { name: 'find', description: 'Not approved.', inputSchema: { type: 'object' } };
    await tx.revisionEntry.createMany({ data: [OLD, NEW].map((tool) => ({ ...entry, pin: computePin(tool), definition })) });
    const seen = { revisionId, agentId: oulu.agent.id, observedAt: new Date() };
    await tx.observation.createMany({ data: [{ tenantId, serverId, siteId: oulu.id, ...seen }] });
  });
  await refresh();
  expect(await readServed(oulu, served)).toEqual([]);
});

test('what a resource says of its content just now is no other text of it, when an agent sees it and when it is asked', async () => {
  const { serverId } = await addServed();
  const makeResource = (size: number, description = 'Terms') => ({
    kind: 'resource' as const,
    definition: { uri: 'orders://terms', name: 'terms', description, size, annotations: { lastModified: `2026-11-${size}` } },
  });
  const reportResource = (...resource: Parameters<typeof makeResource>) => {
    const offer = makeOffer(OLD, STABLE);
    return recordObservation({
      ctx: oulu.ctx,
      input: { serverId, offer: { ...offer, entries: [...offer.entries, makeResource(...resource)] } },
    });
  };
  await reportResource(10);
  const { openReviewId } = await readServer(serverId);
  if (openReviewId === null) throw new Error('No review was opened');
  await approveReview(domain, openReviewId);
  const approved = await readServer(serverId);
  await reportResource(11);
  expect(await readServer(serverId)).toMatchObject({ entries: approved.entries, openReviewId: null });
  const { id: discoveryId } = await startDiscovery({ ctx: domain.admin, input: { serverId, agentId: oulu.agent.id } });
  const outcome = makeFound([OLD, STABLE], { entries: [makeResource(12)] });
  expect(await recordResult({ ctx: oulu.ctx, input: { discoveryId, outcome } })).toMatchObject({ openReviewId: null });
  await reportResource(13, 'Other terms');
  expect((await readServer(serverId)).openReviewId).not.toBeNull();
});

test('the order of sets in a schema is no other text of a tool, before it is decided on and after', async () => {
  const { serverId } = await addServed();
  const makeZoned = (...zones: string[]) =>
    defineTool('zoned', { inputSchema: { type: 'object', properties: { zone: { enum: zones } }, required: ['zone', 'at'] } });
  await report(oulu, serverId, OLD, STABLE, makeZoned('Oslo', 'Turku'));
  const { openReviewId, revisions } = await readServer(serverId);
  if (openReviewId === null) throw new Error('No review was opened');
  await report(oulu, serverId, OLD, STABLE, makeZoned('Turku', 'Oslo'));
  expect(await readServer(serverId)).toMatchObject({ openReviewId, revisions });
  await approveReview(domain, openReviewId);
  const approved = await readServer(serverId);
  await report(oulu, serverId, OLD, STABLE, makeZoned('Turku', 'Oslo'));
  expect(await readServer(serverId)).toMatchObject({ entries: approved.entries, openReviewId: null });
  await report(oulu, serverId, OLD, STABLE, makeZoned('Turku', 'Oslo', 'Vaasa'));
  expect((await readServer(serverId)).openReviewId).not.toBeNull();
});

test('an approval of rounded numbers stands for what it rounded, one of digits for these alone, and agents of before get both', async () => {
  const { serverId, profileId } = await addServed();
  const makeSized = (most: string) =>
    noteDigits(defineTool(STABLE.name, { inputSchema: { type: 'object', properties: { size: { maximum: readNumber(most) } } } }));
  const rounded = roundDigits(makeSized('9223372036854775807')) as ToolDefinition;
  const approve = async () => {
    const { openReviewId } = await readServer(serverId);
    if (openReviewId === null) throw new Error('No review was opened');
    await approveReview(domain, openReviewId);
  };
  await report(oulu, serverId, OLD, rounded);
  await approve();
  const { entries } = await readServer(serverId);
  await report(oulu, serverId, OLD, makeSized('9223372036854775807'));
  expect(await readServer(serverId)).toMatchObject({ entries, openReviewId: null });
  await report(oulu, serverId, OLD, makeSized('9223372036854779999'));
  await approve();
  // digits were approved, and others that round to the same are not
  await report(oulu, serverId, OLD, makeSized('9223372036854779998'));
  expect((await readServer(serverId)).openReviewId).not.toBeNull();
  await report(oulu, serverId, OLD, makeSized('9223372036854779999'));
  await publishProfile({ ctx: domain.admin, input: { profileId } });
  await refresh();
  const { offered } = await readParts(oulu, { serverId });
  expect(offered.find(({ name }) => name === STABLE.name)).toMatchObject({
    definition: makeSized('9223372036854779999'),
    alike: [computeSteadyPin('tool', roundDigits(makeSized('9223372036854779999')))],
  });
});

test('what an agent saw is forgotten a day after no site has it, unless somebody decided on it', async () => {
  const { serverId } = await addServed();
  const expire = () => expireRecords({ ctx: domain.workspace.asSystem('expire-records') });
  const list = async () => (await readServer(serverId)).revisions.map(({ number }) => number);
  await report(oulu, serverId, NEW);
  const { openReviewId } = await readServer(serverId);
  if (openReviewId === null) throw new Error('No review was opened');
  await approveReview(domain, openReviewId);
  await report(oulu, serverId, defineTool('third'));
  await report(oulu, serverId, defineTool('fourth'));
  await expire();
  expect(await list()).toEqual([4, 3, 2, 1]);
  world.advanceClock(25 * 3_600_000);
  await expire();
  expect(await list()).toEqual([4, 2, 1]);
});
