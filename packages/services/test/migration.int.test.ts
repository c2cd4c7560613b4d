import { randomBytes, randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

import { applyMigrations, migrate } from '@gatehouse/db/migrate';
import { PRISMA_DIR } from '@gatehouse/db/migration-files';
import { withDatabase } from '@gatehouse/db/schema-engine';
import { runInLookup, runInTenant } from '@gatehouse/db/tenant';
import { makeMembership, makeUser } from '@gatehouse/db/testing';
import { makeFixtureRole, runAdmin, toFixtureUrl } from '@gatehouse/db/testing/postgres-server';
import { hashContent, computePin } from '@gatehouse/policy/documents/content-hash';
import { ReadableSnapshot } from '@gatehouse/policy/documents/earlier-snapshot';
import { ServerTransport } from '@gatehouse/policy/documents/snapshot';
import { identifyUpstream } from '@gatehouse/policy/upstream';
import { generateEd25519 } from '@gatehouse/protocol/ed25519';

import { changePassword } from '../src/auth/change-password.ts';
import { openContext, PasswordDueError } from '../src/auth/open-context.ts';
import { hashPassword } from '../src/auth/password.ts';
import { signIn } from '../src/auth/sign-in.ts';
import type { ServiceContext } from '../src/context.ts';
import { keepKeyset } from '../src/keyset/keep-keyset.ts';
import { readKeyset } from '../src/keyset/read-keyset.ts';
import { listMembers } from '../src/member/list-members.ts';
import { getProfile } from '../src/profile/get-profile.ts';
import { previewProfile } from '../src/profile/publish/preview-profile.ts';
import { publishProfile } from '../src/profile/publish/publish-profile.ts';
import { getReceipt } from '../src/receipt/get-receipt.ts';
import { decideReview } from '../src/review/decide-review.ts';
import { getReview } from '../src/review/get-review.ts';
import { listReviews } from '../src/review/list-reviews.ts';
import { openRuntime, type Runtime } from '../src/runtime.ts';
import { getServer } from '../src/server/get-server.ts';
import { findRootKey, findSigningKeyId } from '../src/signing/keys.ts';
import { createKeySealer } from '../src/signing/seal.ts';
import { readNewestSnapshot } from './support/domain.ts';
import { Spool } from './support/receipts.ts';

/** Those from here on are applied to rows of the schema before. */
const FIRST = '20261128020000_one_catalogue_entry';
const DAY_MS = 24 * 3_600_000;
const name = `gatehouse_entries_${randomBytes(6).toString('hex')}`;
const { ownerUrl: serverUrl, passwords } = inject('testPostgres');
const ownerUrl = withDatabase(serverUrl, name);
let runtime: Runtime;
let reviewer: ServiceContext;

const [tenantId, siteId, userId, membershipId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
const [serverId, profileId, agentId] = [randomUUID(), randomUUID(), randomUUID()];
const [firstRevision, secondRevision] = [randomUUID(), randomUUID()];
const [firstReview, secondReview] = [randomUUID(), randomUUID()];
const [pinnedKey, retiredKey] = [randomUUID(), randomUUID()];
const KEK = randomBytes(32);
const [EMAIL, GIVEN, OWN] = ['ada@example.com', 'typed by an admin', 'chosen by the person'];
const now = new Date();
const later = new Date(now.getTime() + 30 * DAY_MS);

const schema = { type: 'object' as const, properties: { id: { type: 'string' } } };
const OLD_TOOL = { name: 'get_order', description: 'Before', inputSchema: schema };
const TOOL = { name: 'get_order', description: 'Reads "one" order', inputSchema: schema, annotations: { readOnlyHint: true } };
const DROPPED = { name: 'drop', inputSchema: schema };
const PROMPT = { name: 'summary', description: 'Sums up' };
const RESOURCE = { uri: 'orders://terms', name: 'Terms' };
const TEMPLATE = { uriTemplate: 'orders://{id}', name: 'One order' };
const INSTRUCTIONS = 'Look up "first".\n\tTab, \\ and é – \u0001 and \u2028 \u{1f600}';

const DRAFT_TOOL = {
  rename: 'find_order',
  describe: 'For us',
  rule: 'allow',
  denyReason: null,
  arguments: [{ kind: 'pin', argument: '/id', value: '7' }],
};
const draft = {
  tools: [{ serverId, toolName: 'get_order', ...DRAFT_TOOL }],
  prompts: [{ serverId, promptName: 'summary', rename: 'sum_up' }],
  resources: [{ serverId, uri: RESOURCE.uri }],
  resourceTemplates: [{ serverId, uriTemplate: TEMPLATE.uriTemplate }],
  audit: 'durable',
};
const { rename, ...curation } = DRAFT_TOOL;
const document = {
  name: 'Support',
  description: 'For support.',
  audit: 'durable',
  tools: [{ serverId, toolName: 'get_order', pin: computePin(TOOL), advertisedName: rename, ...curation }],
  prompts: [{ serverId, promptName: 'summary', pin: computePin(PROMPT), advertisedName: 'sum_up' }],
  resources: [{ serverId, uri: RESOURCE.uri, pin: computePin(RESOURCE) }],
  resourceTemplates: [{ serverId, uriTemplate: TEMPLATE.uriTemplate, pin: computePin(TEMPLATE) }],
};
const [PLAIN, UNREAD]: [string[], string[]] = [
  [
    'HTTPS://A.example:443//MCP/?x=/y#z',
    'https://a.example.',
    'http://LocalHost:3030/mcp',
    'http://127.0.0.1:3030',
    'http://10.0.0.5:80/a.b/',
  ],
  [
    'https://bücher.example',
    'http://127.1/',
    'https://a.example/x/../mcp',
    'https://a.example/%6dcp',
    'https://a.example/mcp;v=1',
  ],
];
/** What else there were servers of. */
const OTHERS: ServerTransport[] = [
  { kind: 'stdio', entry: 'github', processes: 'shared' },
  ...[...PLAIN, ...UNREAD].map((baseUrl) => ({ kind: 'rest' as const, baseUrl, credential: null })),
];
/** What was served before: a snapshot of the earlier format. */
const served = {
  format: 1,
  tenantId,
  tenantSlug: 'acme',
  siteId,
  siteSlug: 'helsinki',
  version: 1,
  issuedAt: now.toISOString(),
  notAfter: later.toISOString(),
  contentHash: '0'.repeat(64),
  content: {
    servers: [],
    profiles: [
      {
        id: profileId,
        slug: 'support',
        version: 1,
        name: document.name,
        description: document.description,
        audit: document.audit,
        tools: document.tools.map((tool) => ({
          ...tool,
          risk: 'write',
          logArguments: ['/id'],
          logResults: [],
          definition: TOOL,
        })),
        prompts: document.prompts.map((prompt) => ({ ...prompt, definition: PROMPT })),
        resources: document.resources.map((resource) => ({ ...resource, definition: RESOURCE })),
        resourceTemplates: document.resourceTemplates.map((template) => ({ ...template, definition: TEMPLATE })),
      },
    ],
    clientKeys: [],
    revokedKeyIds: [],
  },
};
const receipt = new Spool(siteId).makeEarlier({ serverId, personId: membershipId });

type Row = Record<string, unknown>;

/** What a verb wrote into the log with its row. */
const buildAct = (action: string, entityId: string, after: object): Row => ({
  tenant_id: tenantId,
  id: randomUUID(),
  actor_kind: 'person',
  actor_id: membershipId,
  action,
  entity_type: action.split('.')[0],
  entity_id: entityId,
  after: JSON.stringify(after),
});

/** Rows as the verbs of the earlier schema wrote them. */
/** A signing key as every version stored it. */
function buildKeyRow(id: string, times: Row = {}): Row {
  const { publicKey, privateKey } = generateEd25519();
  const sealed = createKeySealer(KEK).seal(privateKey, `gatehouse-signing-key-v1:${tenantId}:${id}`);
  return { tenant_id: tenantId, id, public_key: publicKey, private_key_sealed: sealed, ...times };
}

async function listEarlierRows(): Promise<[table: string, rows: Row[]][]> {
  const tenant_id = tenantId;
  const revision = { tenant_id, server_id: serverId, protocol_version: '2025-11-25', server_info: '{}', features: '{}' };
  const review = { tenant_id, server_id: serverId, requested_by: membershipId, valid_until: later };
  const decided = { tenant_id, server_id: serverId, decided_by: membershipId, decided_at: now };
  const tool = (revision_id: unknown, definition: { name: string }, pin: string) => ({
    tenant_id,
    revision_id,
    name: definition.name,
    pin,
    definition: JSON.stringify(definition),
  });
  const item = (kind: string, itemName: string, definition: object, pin: string) => ({
    tenant_id,
    revision_id: secondRevision,
    kind,
    name: itemName,
    pin,
    definition: JSON.stringify(definition),
  });
  const choice = (kind: string, itemName: string, pin: string) => ({
    ...decided,
    review_id: secondReview,
    kind,
    name: itemName,
    pin,
    verdict: 'approved',
  });
  const { id, spoolId, seq, prevHash, hash } = receipt;
  return [
    ['tenant', [{ id: tenantId, slug: 'acme', name: 'Acme' }]],
    ['"user"', [{ id: userId, email: EMAIL, name: 'Ada', password_hash: await hashPassword(GIVEN, 'test') }]],
    ['membership', [{ tenant_id, id: membershipId, user_id: userId, role: 'owner' }]],
    ['signing_key', [buildKeyRow(retiredKey, { created_at: getDaysAgo(9), retired_at: getDaysAgo(8) }), buildKeyRow(pinnedKey)]],
    ['site', [{ tenant_id, id: siteId, slug: 'helsinki', name: 'Helsinki' }]],
    [
      'server',
      [
        { id: serverId, transport: HTTP },
        ...OTHERS.map((transport) => ({ id: randomUUID(), transport: JSON.stringify(transport) })),
      ].map((server, index) => ({
        tenant_id,
        slug: `orders-${index}`,
        name: 'Orders',
        purpose: 'p',
        created_by: randomUUID(),
        ...server,
      })),
    ],
    ['server_site', [{ tenant_id, server_id: serverId, site_id: siteId }]],
    [
      'server_revision',
      [
        { ...revision, id: firstRevision, number: 1, content_hash: 'a', instructions: null },
        { ...revision, id: secondRevision, number: 2, content_hash: 'b', instructions: INSTRUCTIONS },
      ],
    ],
    [
      'revision_tool',
      [
        tool(firstRevision, OLD_TOOL, computePin(OLD_TOOL)),
        tool(secondRevision, TOOL, computePin(TOOL)),
        tool(secondRevision, DROPPED, computePin(DROPPED)),
      ],
    ],
    [
      'revision_item',
      [
        item('prompt', 'summary', PROMPT, computePin(PROMPT)),
        item('resource', RESOURCE.uri, RESOURCE, computePin(RESOURCE)),
        item('template', TEMPLATE.uriTemplate, TEMPLATE, computePin(TEMPLATE)),
      ],
    ],
    [
      'review',
      [
        {
          ...review,
          id: firstReview,
          revision_id: firstRevision,
          state: 'decided',
          created_at: getDaysAgo(3),
          decided_at: getDaysAgo(2),
        },
        {
          ...review,
          id: secondReview,
          revision_id: secondRevision,
          state: 'decided',
          created_at: getDaysAgo(1),
          decided_at: now,
        },
      ],
    ],
    [
      'tool_decision',
      [
        {
          ...decided,
          review_id: firstReview,
          tool_name: 'get_order',
          pin: computePin(OLD_TOOL),
          verdict: 'approved',
          risk: 'read',
        },
        {
          ...decided,
          review_id: secondReview,
          tool_name: 'get_order',
          pin: computePin(TOOL),
          verdict: 'approved',
          risk: 'write',
          log_arguments: ['/id'],
          note: 'fine',
        },
        {
          ...decided,
          review_id: secondReview,
          tool_name: 'drop',
          pin: computePin(DROPPED),
          verdict: 'rejected',
          risk: 'destructive',
        },
      ],
    ],
    [
      'item_decision',
      [
        choice('prompt', 'summary', computePin(PROMPT)),
        choice('resource', RESOURCE.uri, computePin(RESOURCE)),
        choice('template', TEMPLATE.uriTemplate, computePin(TEMPLATE)),
      ],
    ],
    [
      'profile',
      [
        {
          tenant_id,
          id: profileId,
          slug: 'support',
          name: 'Support',
          description: document.description,
          draft: JSON.stringify(draft),
          published_version: 1,
          created_by: membershipId,
        },
      ],
    ],
    [
      'profile_version',
      [
        {
          tenant_id,
          profile_id: profileId,
          number: 1,
          document: JSON.stringify(document),
          content_hash: hashContent(document),
          published_by: membershipId,
        },
      ],
    ],
    ['profile_site', [{ tenant_id, profile_id: profileId, site_id: siteId }]],
    [
      'admin_audit',
      [
        buildAct('server.create', serverId, { transport: JSON.parse(HTTP) as unknown, siteIds: [siteId] }),
        buildAct('review.decide', firstReview, {}),
        buildAct('review.decide', secondReview, {}),
        buildAct('profile.publish', profileId, { version: 1, contentHash: hashContent(document) }),
      ],
    ],
    [
      'receipt',
      [
        {
          tenant_id,
          received_at: now,
          id,
          agent_id: agentId,
          site_id: siteId,
          spool_id: spoolId,
          seq,
          event_at: now,
          person_id: membershipId,
          server_id: serverId,
          tool_name: 'get_order',
          advertised_name: 'get_order',
          outcome: 'allowed',
          reason_code: 'ok',
          config_version: 1,
          duration_ms: 1,
          document: JSON.stringify(receipt),
          prev_hash: prevHash,
          hash,
        },
      ],
    ],
  ];
}

const HTTP = JSON.stringify({ kind: 'http', url: 'http://127.0.0.1:3030/mcp', credential: null });
const getDaysAgo = (days: number): Date => new Date(now.getTime() - days * DAY_MS);

async function fill(): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    for (const [table, rows] of await listEarlierRows()) {
      for (const row of rows) {
        const columns = Object.keys(row).join(', ');
        const places = Object.keys(row).map((_, index) => `$${index + 1}`);
        await client.query(`INSERT INTO ${table} (${columns}) VALUES (${places.join(', ')})`, Object.values(row));
      }
    }
  } finally {
    await client.end();
  }
}

const isEarlier = (path: string): boolean => !/^\d{14}_/.test(basename(path)) || basename(path) < FIRST;

beforeAll(async () => {
  await runAdmin(serverUrl, `CREATE DATABASE ${name}`);
  const earlier = await mkdtemp(join(tmpdir(), 'gatehouse-prisma-'));
  await cp(PRISMA_DIR, earlier, { recursive: true, filter: isEarlier });
  await applyMigrations(ownerUrl, earlier);
  await rm(earlier, { recursive: true });
  await fill();
  expect((await migrate({ ownerUrl }))[0]).toBe(FIRST);
  await makeFixtureRole(ownerUrl);

  runtime = await openRuntime({
    appDatabaseUrl: toFixtureUrl(ownerUrl, passwords),
    signingKek: KEK,
    hubPublicUrl: 'ws://127.0.0.1:3001',
    log: pino({ level: 'silent' }),
  });
  const actor = { kind: 'person', userId: userId, membershipId: membershipId, role: 'owner' } as const;
  reviewer = { runtime, tenantId: tenantId, tenantSlug: 'acme', actor, requestId: randomUUID() };
});
afterAll(async () => {
  await runtime.close();
  await runAdmin(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
});

test('a person signs in as before, with an address that counts as proved by nobody, and chooses a password', async () => {
  const open = async (password: string) => {
    const session = await signIn({ runtime, input: { email: EMAIL, password, ip: '192.0.2.1' } });
    const context = openContext({ runtime, input: { userId, tenantSlug: 'acme', requestId: 'r' } });
    return { ...session, context };
  };
  const { context, ...session } = await open(GIVEN);
  await expect(context).rejects.toBeInstanceOf(PasswordDueError);
  expect(session.userId).toBe(userId);
  expect(await runInLookup(runtime.db, { lookup: EMAIL }, (tx) => tx.userEmail.findMany())).toEqual([]);
  const { sessionId } = session;
  const change = { userId, sessionId, currentPassword: GIVEN, newPassword: OWN };
  await changePassword({ runtime, input: change });
  expect(await (await open(OWN)).context).toMatchObject({ tenantId, actor: { membershipId, role: 'owner' } });
  expect((await listMembers({ ctx: reviewer })).rows).toContainEqual(
    expect.objectContaining({ id: membershipId, name: 'Ada', email: EMAIL }),
  );
});

test('the key that agents have pinned is the root, and signs as before; the worker signs the first keyset', async () => {
  const system: ServiceContext = { ...reviewer, actor: { kind: 'system', job: 'keep-keyset' } };
  expect(await keepKeyset({ ctx: system })).toEqual({ written: 1 });
  const [root, signing, held] = await runInTenant(runtime.db, tenantId, async (tx) => [
    (await findRootKey(tx, tenantId)).keyId,
    await findSigningKeyId(tx, tenantId),
    await readKeyset(tx, tenantId),
  ]);
  expect([root, signing]).toEqual([pinnedKey, pinnedKey]);
  expect(held?.keyset).toMatchObject({ version: 1, keys: [{ keyId: pinnedKey, validUntil: null }] });
});

test('a server is known as what it is, or as nothing where that takes a URL parser', async () => {
  const rows = await runInTenant(runtime.db, tenantId, (tx) => tx.server.findMany());
  const written = rows.map(({ transport, upstream }) => [ServerTransport.parse(transport), upstream] as const);
  const unread = written.filter(([transport]) => transport.kind === 'rest' && UNREAD.includes(transport.baseUrl));
  expect(unread.map(([, upstream]) => upstream)).toEqual(UNREAD.map(() => null));
  const read = written.filter((each) => !unread.includes(each));
  expect(read).toHaveLength(2 + PLAIN.length);
  expect(read.map(([, upstream]) => upstream)).toEqual(read.map(([transport]) => identifyUpstream(transport)));
});

test('every decision stands as it stood; instructions wait for one', async () => {
  const { entries, state, revisions, sites } = await getServer({ ctx: reviewer, input: { serverId: serverId } });
  expect(state).toBe('Approved');
  expect(sites).toMatchObject([{ revision: 2, observedAt: null, openReviewId: null }]);
  expect(revisions.map(({ number, offered }) => [number, offered])).toEqual([
    [2, { tool: 2, prompt: 1, resource: 1, template: 1, instructions: 1 }],
    [1, { tool: 1, prompt: 0, resource: 0, template: 0, instructions: 0 }],
  ]);
  expect(entries.map(({ kind, name: entry, pin, verdict }) => [kind, entry, pin, verdict])).toEqual([
    ['tool', 'drop', computePin(DROPPED), 'rejected'],
    ['tool', 'get_order', computePin(TOOL), 'approved'],
    ['prompt', 'summary', computePin(PROMPT), 'approved'],
    ['resource', RESOURCE.uri, computePin(RESOURCE), 'approved'],
    ['template', TEMPLATE.uriTemplate, computePin(TEMPLATE), 'approved'],
    ['instructions', 'instructions', computePin({ text: INSTRUCTIONS }), 'pending'],
  ]);
  expect(entries[1]).toMatchObject({ definition: TOOL, risk: 'write', validUntil: later });
  expect(entries[5]).toMatchObject({ definition: { text: INSTRUCTIONS } });
});

test('the review reads as it was decided, with what was decided before it', async () => {
  const { entries } = await getReview({ ctx: reviewer, input: { reviewId: secondReview } });
  expect(entries.find(({ name: entry }) => entry === 'get_order')).toMatchObject({
    change: 'changed',
    previousDefinition: OLD_TOOL,
    decision: { verdict: 'approved', risk: 'write', logArguments: ['/id'], note: 'fine', decidedAt: now },
  });
  expect(entries.find(({ kind }) => kind === 'instructions')).toMatchObject({ change: 'new', decision: { verdict: 'pending' } });
  const rows = (await listReviews({ ctx: reviewer, input: { state: 'decided' } })).rows;
  expect(rows.find(({ id }) => id === secondReview)).toMatchObject({
    offered: { tool: 2, prompt: 1, resource: 1, template: 1, instructions: 1 },
    approved: { tool: 1, prompt: 1, resource: 1, template: 1, instructions: 0 },
  });
});

test('draft and published version select the same, and nothing is left to publish', async () => {
  const detail = await getProfile({ ctx: reviewer, input: { profileId: profileId } });
  expect(detail.draft?.entries).toMatchObject([
    { kind: 'tool', serverId, name: 'get_order', ...DRAFT_TOOL, problem: null },
    { kind: 'prompt', name: 'summary', rename: 'sum_up', problem: null },
    { kind: 'resource', name: RESOURCE.uri, problem: null },
    { kind: 'template', name: TEMPLATE.uriTemplate, problem: null },
  ]);
  expect(detail.published?.document.entries).toEqual([
    { kind: 'tool', serverId, name: 'get_order', pin: computePin(TOOL), advertisedName: 'find_order', ...curation },
    { kind: 'prompt', serverId, name: 'summary', pin: computePin(PROMPT), advertisedName: 'sum_up' },
    { kind: 'resource', serverId, name: RESOURCE.uri, pin: computePin(RESOURCE) },
    { kind: 'template', serverId, name: TEMPLATE.uriTemplate, pin: computePin(TEMPLATE) },
  ]);
  await expect(publishProfile({ ctx: reviewer, input: { profileId: profileId } })).rejects.toThrow(/holds exactly this/);
});

test('a kept receipt is read and still has its hash', async () => {
  const detail = await getReceipt({ ctx: reviewer, input: { id: receipt.id } });
  expect(detail).toMatchObject({
    kind: 'tool',
    name: 'get_order',
    document: { format: 2 },
    integrity: { verified: true, hash: receipt.hash },
  });
});

test('the catalogue that is served is the same, and the instructions can be decided on like the rest', async () => {
  const preview = await previewProfile({ ctx: reviewer, input: { profileId: profileId, of: 'published' } });
  expect(preview).toMatchObject({ instructions: 'For support.', prompts: [{ name: 'sum_up' }], tools: [{ name: 'find_order' }] });
  const { entries } = await getReview({ ctx: reviewer, input: { reviewId: secondReview } });
  const decisions = entries.map((entry) => {
    const choice = {
      name: entry.name,
      verdict: entry.decision.verdict === 'rejected' ? ('rejected' as const) : ('approved' as const),
    };
    return entry.kind === 'tool'
      ? { kind: entry.kind, ...choice, risk: entry.decision.risk, logArguments: entry.decision.logArguments }
      : { kind: entry.kind, ...choice, seenHidden: entry.hiddenText.length > 0 };
  });
  // who added the server is its author, and approves nothing of it any more
  const user = await makeUser(runtime.db);
  const { id } = await makeMembership(runtime.db, tenantId, { userId: user.id, role: 'reviewer' });
  const actor = { kind: 'person', userId: user.id, membershipId: id, role: 'reviewer' } as const;
  await decideReview({ ctx: { ...reviewer, actor }, input: { reviewId: secondReview, decisions, again: true } });
  const workspace = { site: { id: siteId } };
  const snapshot = await readNewestSnapshot({ workspace, admin: reviewer });
  expect(snapshot?.content.profiles).toEqual(ReadableSnapshot.parse(served).content.profiles);
});
