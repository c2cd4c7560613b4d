import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';

import { runInTenant } from '@gatehouse/db/tenant';
import { buildAdvertisedLists } from '@gatehouse/policy/compile/advertise';
import { compileSnapshot } from '@gatehouse/policy/compile/compile-snapshot';
import type { PromptDefinition } from '@gatehouse/policy/documents/definition';
import { ProfileDraft } from '@gatehouse/policy/documents/profile';
import { evaluate } from '@gatehouse/policy/evaluate';
import { defineTool } from '@gatehouse/policy/testing/build';

import type { ServiceContext } from '../../src/context.ts';
import { listChoices } from '../../src/profile/draft/list-choices.ts';
import { saveDraft } from '../../src/profile/draft/save-draft.ts';
import { getProfile } from '../../src/profile/get-profile.ts';
import { listProfiles } from '../../src/profile/list-profiles.ts';
import { previewProfile } from '../../src/profile/publish/preview-profile.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { getServer } from '../../src/server/get-server.ts';
import {
  addApprovedServer,
  type Beside,
  discover,
  createDraftedProfile,
  makeDomain,
  readNewestSnapshot,
} from '../support/domain.ts';
import { getFixtureDb, readAudit, makeWorkspace, openWorld, expectRefused } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
let server: { id: string; slug: string };
let other: { id: string; slug: string };

const LONG = `list_${'orders_'.repeat(10)}`;
const search = defineTool('search', {
  inputSchema: {
    type: 'object',
    $defs: { Filter: { type: 'object', properties: { field: { enum: ['id', 'mail'] }, tenant: { type: 'string' } } } },
    properties: { query: { type: 'string' }, filter: { $ref: '#/$defs/Filter' }, debug: { type: 'boolean' } },
    required: ['query'],
  },
});
const beside: Beside = {
  entries: [
    { kind: 'prompt', definition: { name: 'summary' } },
    { kind: 'prompt', definition: { name: 'monthly report' } },
    { kind: 'resource', definition: { uri: 'orders://terms', name: 'Terms' } },
    { kind: 'template', definition: { uriTemplate: 'orders://{id}', name: 'One order' } },
  ],
};
const makePrompts = (...definitions: PromptDefinition[]): Beside => ({
  entries: definitions.map((definition) => ({ kind: 'prompt', definition })),
});

beforeAll(async () => {
  server = await addApprovedServer(domain, [search, defineTool(LONG)], {}, beside);
  other = await addApprovedServer(
    domain,
    [defineTool('lookup')],
    {},
    {
      entries: [
        { kind: 'prompt', definition: { name: 'Summary' } },
        { kind: 'resource', definition: { uri: 'orders://terms', name: 'Other terms' } },
        { kind: 'template', definition: { uriTemplate: 'orders://{number}', name: 'The same under another name' } },
      ],
    },
  );
});

type Draft = z.input<typeof ProfileDraft>;
type Rules = NonNullable<Extract<NonNullable<Draft['entries']>[number], { kind: 'tool' }>['arguments']>;

const createEmptyProfile = async () => (await createDraftedProfile(domain, [])).id;
const save = (profileId: string, draft: Draft, ctx: ServiceContext = domain.admin) =>
  saveDraft({ ctx, input: { profileId, draft } });
const withRules = (rules: Rules): Draft => ({
  entries: [{ kind: 'tool', serverId: server.id, name: 'search', arguments: rules }],
});

const RULES: Rules = [
  { kind: 'hide', argument: '/debug' },
  { kind: 'pin', argument: '/filter/tenant', value: 'acme' },
  { kind: 'restrict', argument: '/filter/field', values: ['id'] },
];

test('the bytes that are previewed are the bytes that an agent serves, and what they hide is refused', async () => {
  const profileId = await createEmptyProfile();
  await save(profileId, withRules(RULES));
  const { admin } = domain;
  const preview = await previewProfile({ ctx: admin, input: { profileId } });
  expect(preview.tools[0]?.inputSchema).toEqual({
    type: 'object',
    properties: { query: { type: 'string' }, filter: { type: 'object', properties: { field: { enum: ['id'] } } } },
    required: ['query'],
  });
  await publishProfile({ ctx: admin, input: { profileId, expected: preview.contentHash } });

  const snapshot = await readNewestSnapshot(domain);
  if (!snapshot) throw new Error('no snapshot');
  const compiled = compileSnapshot(snapshot);
  const profile = compiled.profilesById.get(profileId);
  expect(JSON.stringify(profile?.lists.tools)).toBe(JSON.stringify(preview.tools));
  expect(JSON.stringify(buildAdvertisedLists(profile?.profile.entries ?? []).tools)).toBe(JSON.stringify(preview.tools));
  const call = (args: Record<string, unknown>) =>
    evaluate(compiled, { profileSlug: profile?.profile.slug ?? '', method: 'tools/call', name: 'search', arguments: args });
  expect(call({ query: 'x', filter: { field: 'id' } })).toMatchObject({
    kind: 'allow',
    target: { arguments: { query: 'x', filter: { field: 'id', tenant: 'acme' } } },
  });
  expect(call({ query: 'x', debug: true })).toMatchObject({
    message: expect.stringMatching(/^This tool has no argument '.+'; it takes query, filter\.$/),
  });
  expect(call({ query: 'x', filter: { field: 'mail' } })).toMatchObject({
    message: '"filter.field" must be one of ["id"]; a string came.',
  });
});

test.each<[string, Rules, RegExp]>([
  ['an argument that is not declared', [{ kind: 'hide', argument: '/nothing' }], /search: "nothing" is not an argument/],
  ['a required argument without a value', [{ kind: 'hide', argument: '/query' }], /"query" is required/],
  ['a pinned value that does not fit', [{ kind: 'pin', argument: '/debug', value: 'yes' }], /pinned for "debug"/],
  ['a value that is not declared', [{ kind: 'restrict', argument: '/filter/field', values: ['name'] }], /restricted to "name"/],
])('refused on save with a sentence: %s', async (_, rules, sentence) => {
  const profileId = await createEmptyProfile();
  const error = await expectRefused('invalid', save(profileId, withRules(rules)));
  expect(error.message).toMatch(sentence);
  expect((await getProfile({ ctx: domain.admin, input: { profileId } })).draft?.entries).toEqual([]);
  await save(profileId, withRules([]));
  await expectRefused('invalid', save(profileId, withRules(rules)));
});

test('a name that AI clients refuse is shown under one that they take, tools and prompts, and stays under it', async () => {
  const profileId = await createEmptyProfile();
  const named = await addApprovedServer(
    domain,
    ['issues/list', 'with.dot', '查询'].map((name) => defineTool(name)),
  );
  const long = { kind: 'tool' as const, serverId: server.id, name: LONG };
  const report = { kind: 'prompt' as const, serverId: server.id, name: 'monthly report' };
  const issues = { kind: 'tool' as const, serverId: named.id, name: 'issues/list' };
  const dotted = { kind: 'tool' as const, serverId: named.id, name: 'with.dot' };
  const listNames = async () => {
    const { tools, prompts } = await previewProfile({ ctx: domain.admin, input: { profileId } });
    return [...tools, ...prompts].map(({ name }) => name);
  };
  await save(profileId, { entries: [long, report, issues, dotted, { ...issues, name: '查询' }] });
  expect(await listNames()).toEqual([
    'issues_list',
    expect.stringMatching(/^list_orders_.*_[a-z0-9]+$/),
    expect.stringMatching(/^tool_[a-z0-9]+$/),
    'with_dot',
    'monthly_report',
  ]);
  // another that would be called the same comes later and gets a free name
  const second = await addApprovedServer(domain, [defineTool('issues/list')]);
  await save(profileId, {
    entries: [
      { ...issues, serverId: second.id },
      { ...issues, rename: 'issues_list' },
    ],
  });
  expect(await listNames()).toEqual(['issues_list', expect.stringMatching(/^issues_list_[a-z0-9]+$/)]);
  expect((await expectRefused('invalid', save(profileId, { entries: [{ ...long, rename: LONG }] }))).message).toMatch(
    /longer than 64 characters.*rename it/,
  );
  await save(profileId, {
    entries: [
      { ...long, rename: 'list_orders' },
      { ...report, rename: 'monthly.report' },
    ],
  });
  expect(await listNames()).toEqual(['list_orders', 'monthly.report']);
});

test('what was shown under a name with a dot goes on under it when its draft is saved again', async () => {
  const profileId = await createEmptyProfile();
  const dotted = await addApprovedServer(domain, [defineTool('orders.get'), defineTool('orders.list')]);
  const pick = (name: string) => ({ kind: 'tool' as const, serverId: dotted.id, name, rename: null });
  const { tenantId, runtime } = domain.admin;
  await runInTenant(getFixtureDb(runtime), tenantId, (tx) =>
    tx.profile.update({
      where: { tenantId_id: { tenantId, id: profileId } },
      data: { draft: ProfileDraft.parse({ entries: [pick('orders.get')] }) },
    }),
  );
  await save(profileId, { entries: [pick('orders.get'), pick('orders.list')] });
  const { tools } = await previewProfile({ ctx: domain.admin, input: { profileId } });
  expect(tools.map(({ name }) => name)).toEqual(['orders.get', 'orders_list']);
});

test('T-52: prompts of one name and resources of one address are refused with their owners', async () => {
  const profileId = await createEmptyProfile();
  const prompts = [
    { kind: 'prompt' as const, serverId: server.id, name: 'summary' },
    { kind: 'prompt' as const, serverId: other.id, name: 'Summary' },
  ];
  expect((await expectRefused('conflict', save(profileId, { entries: prompts }))).message).toContain(
    `${server.slug}/summary and ${other.slug}/Summary`,
  );
  const resources = [server, other].map(({ id: serverId }) => ({ kind: 'resource' as const, serverId, name: 'orders://terms' }));
  expect((await expectRefused('conflict', save(profileId, { entries: resources }))).message).toBe(
    `${server.slug} and ${other.slug} both answer for orders://terms. Select it of one server only.`,
  );
  const templates = [
    { kind: 'template' as const, serverId: server.id, name: 'orders://{id}' },
    { kind: 'template' as const, serverId: other.id, name: 'orders://{number}' },
  ];
  await expectRefused('conflict', save(profileId, { entries: templates }));
  await expectRefused('invalid', save(profileId, { entries: [resources[0]!, resources[0]!] }));
  // a tool and a prompt may share a name: clients ask for them in different ways
  await save(profileId, {
    entries: [
      { ...prompts[0]!, rename: 'search' },
      { kind: 'tool', serverId: server.id, name: 'search' },
    ],
  });
});

test('prompts and resources are chosen, named in the admin log, listed and published', async () => {
  const profileId = await createEmptyProfile();
  const { admin, workspace } = domain;
  const draft: Draft = {
    entries: [
      { kind: 'prompt', serverId: server.id, name: 'summary', rename: 'sum_up' },
      { kind: 'resource', serverId: server.id, name: 'orders://terms' },
      { kind: 'template', serverId: server.id, name: 'orders://{id}' },
    ],
  };
  await expectRefused('not_permitted', save(profileId, draft, await workspace.as('reviewer')));
  await save(profileId, draft);
  expect((await readAudit(admin, profileId)).at(-1)).toMatchObject({
    action: 'profile.save_draft',
    after: {
      added: [`${server.id} prompt summary`, `${server.id} resource orders://terms`, `${server.id} template orders://{id}`],
      removed: [],
      changed: [],
    },
  });
  const detail = await getProfile({ ctx: admin, input: { profileId } });
  expect(detail.draft).toMatchObject({
    entries: [
      { kind: 'prompt', name: 'summary', advertisedName: 'sum_up', serverSlug: server.slug, problem: null },
      { kind: 'resource', name: 'orders://terms', problem: null },
      { kind: 'template', name: 'orders://{id}', problem: null },
    ],
  });
  const prompts = await listChoices({ ctx: admin, input: { profileId, serverId: server.id, kinds: ['prompt'] } });
  expect(prompts.map(({ name }) => name)).toEqual(['monthly report', 'summary']);
  expect((await listProfiles({ ctx: admin })).rows.find(({ id }) => id === profileId)).toMatchObject({
    selected: { tool: 0, prompt: 1, resource: 1, template: 1, instructions: 0 },
  });

  const used = (await getServer({ ctx: admin, input: { serverId: server.id } })).profileCount;
  const preview = await previewProfile({ ctx: admin, input: { profileId } });
  expect(preview).toMatchObject({
    tools: [],
    prompts: [{ name: 'sum_up' }],
    resources: [{ uri: 'orders://terms', name: 'Terms' }],
    resourceTemplates: [{ uriTemplate: 'orders://{id}' }],
    problems: [],
  });
  await publishProfile({ ctx: admin, input: { profileId, expected: preview.contentHash } });
  expect((await readAudit(admin, profileId)).at(-1)).toMatchObject({ after: { tools: 0, prompts: 1, resources: 2 } });
  expect((await getServer({ ctx: admin, input: { serverId: server.id } })).profileCount).toBe(used);
  const published = await previewProfile({ ctx: admin, input: { profileId, of: 'published' } });
  expect(published.prompts).toEqual(preview.prompts);
});

test('T-35: what a server of another tenant offers cannot be chosen', async () => {
  const foreign = await makeDomain(await makeWorkspace(world.runtime));
  const theirs = await addApprovedServer(foreign, [], {}, makePrompts({ name: 'secret' }));
  const profileId = await createEmptyProfile();
  await expectRefused('not_found', save(profileId, { entries: [{ kind: 'prompt', serverId: theirs.id, name: 'secret' }] }));
});

test('a prompt that waits for a review cannot be chosen; one that is held since stays, is not served, and cannot be published', async () => {
  const where = await makeDomain(await makeWorkspace(world.runtime));
  const own = await addApprovedServer(where, [], {}, makePrompts({ name: 'a' }));
  const { id: profileId } = await createDraftedProfile(where, []);
  const pick = (...names: string[]): Draft => ({
    entries: names.map((name) => ({ kind: 'prompt', serverId: own.id, name })),
  });
  await saveDraft({ ctx: where.admin, input: { profileId, draft: pick('a') } });
  await publishProfile({ ctx: where.admin, input: { profileId } });

  await discover(where, own.id, [], makePrompts({ name: 'a', description: 'changed' }, { name: 'b' }));
  const error = await expectRefused('precondition', saveDraft({ ctx: where.admin, input: { profileId, draft: pick('a', 'b') } }));
  expect(error.message).toContain('b cannot be used: waits for review');
  const preview = await previewProfile({ ctx: where.admin, input: { profileId, of: 'published' } });
  expect(preview.prompts).toEqual([]);
  await expectRefused('precondition', publishProfile({ ctx: where.admin, input: { profileId } }));
});
