import { randomUUID } from 'node:crypto';

import { type AnyProcedure, type AnyRouter, TRPCError } from '@trpc/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { TenantTx } from '@gatehouse/db/tenant';
import { runInTenant } from '@gatehouse/db/tenant';
import { stripWhere } from '@gatehouse/db/testing';
import type { Runtime } from '@gatehouse/services/runtime';

import { appRouter } from '../../src/server/api/root.ts';
import { CASES, NO_IDS } from './foreign-ids.ts';
import { makeCaller, type Everything, type Ids, makeTenantWithEverything, openWorld, type TestWorld } from './world.ts';

let world: TestWorld;
let a: Everything;
let b: Everything;
beforeAll(async () => {
  world = await openWorld();
  a = await makeTenantWithEverything(world.fixtures);
  b = await makeTenantWithEverything(world.fixtures);
});
afterAll(() => world.close());

/** Ids that nobody has, in the form of real ones. */
const UNKNOWN: Ids = {
  ...Object.fromEntries(
    [
      'site',
      'agent',
      'joinToken',
      'group',
      'accessRequest',
      'member',
      'invitation',
      'server',
      'discovery',
      'review',
      'profile',
      'publishRequest',
      'clientKey',
      'receipt',
    ].map((kind) => [kind, randomUUID()]),
  ),
  serverSlug: 'no-such-server',
  profileSlug: 'no-such-profile',
  siteSlug: 'no-such-site',
} as Ids;

const router: AnyRouter = appRouter;
const TYPE_OF = new Map(
  Object.entries<AnyProcedure>(router._def.procedures).map(([path, procedure]) => [path, procedure._def.type]),
);

/** Of the lists that take an input. */
const LIST_INPUT: Readonly<Record<string, unknown>> = {
  'review.list': { state: 'decided' },
  'adminAudit.list': {},
  'revocation.list': {},
};

type Answer = { ok: true; value: string } | { ok: false; code: string; message: string };

/** One call as tenant A's owner, as text, so that two answers can be compared and searched. */
async function getAnswer(path: string, input: unknown, runtime: Runtime = world.runtime): Promise<Answer> {
  const [router = '', procedure = ''] = path.split('.');
  const caller = makeCaller(runtime, a.slug, a.token) as unknown as Record<
    string,
    Record<string, (given: unknown) => Promise<unknown>>
  >;
  const call = caller[router]?.[procedure];
  if (!call) throw new Error(`No procedure ${path}`);
  try {
    return { ok: true, value: JSON.stringify(await call(input)) ?? 'undefined' };
  } catch (error) {
    if (!(error instanceof TRPCError)) throw error;
    return { ok: false, code: error.code, message: error.message };
  }
}

/** Everything that would give tenant B away. */
const listTraces = (): string[] => [b.slug, b.tenantId, b.email, ...Object.values(b.ids)];

function expectNoTrace(answer: Answer): void {
  const text = JSON.stringify(answer);
  for (const trace of listTraces()) expect(text).not.toContain(trace);
}

/** A digest of every row of tenant B, table by table. */
async function readRows(tenantId: string): Promise<unknown> {
  return runInTenant(world.fixtures.db, tenantId, async (tx: TenantTx) => {
    const tables = await tx.$queryRaw<{ table_name: string }[]>`
      select c.table_name from information_schema.columns c
      join pg_class k on k.relname = c.table_name and k.relispartition = false
      where c.column_name = 'tenant_id' and c.table_schema = 'public' order by 1`;
    const digests: Record<string, unknown> = {};
    for (const { table_name: table } of tables) {
      const rows = await tx.$queryRawUnsafe<{ digest: string | null }[]>(
        `select md5(string_agg(t::text, '|' order by t::text)) as digest from "${table}" t where tenant_id = $1::uuid`,
        tenantId,
      );
      digests[table] = rows[0]?.digest;
    }
    return digests;
  });
}

test('T-35: every procedure has a case', () => {
  expect(Object.keys(CASES).toSorted()).toEqual([...TYPE_OF.keys()].toSorted());
});

describe('T-35: a foreign id and an unknown id are the same to', () => {
  const withIds = Object.entries(CASES).flatMap(([path, entry]) => (entry === NO_IDS ? [] : [{ path, entry }]));
  test.each(withIds)('$path', async ({ path, entry }) => {
    const foreign = entry.buildInputs(a.ids, b.ids);
    const unknown = entry.buildInputs(a.ids, UNKNOWN);
    for (const [index, input] of foreign.entries()) {
      const answer = await getAnswer(path, input);
      expect(answer).toEqual(await getAnswer(path, unknown[index]));
      if (entry.answer === 'not found') expect(answer).toMatchObject({ ok: false, code: 'NOT_FOUND' });
      else expect(answer.ok).toBe(true);
      expectNoTrace(answer);
    }
  });
});

test('T-35: each of those ids opens something for its own tenant, so the refusals mean something', async () => {
  const caller = makeCaller(world.runtime, b.slug, b.token);
  await expect(caller.agent.get({ agentId: b.ids.agent })).resolves.toMatchObject({ id: b.ids.agent });
  await expect(caller.server.get({ slug: b.ids.serverSlug })).resolves.toMatchObject({ id: b.ids.server });
  await expect(caller.review.get({ reviewId: b.ids.review })).resolves.toMatchObject({ review: { id: b.ids.review } });
  await expect(caller.profile.get({ slug: b.ids.profileSlug })).resolves.toMatchObject({ profile: { id: b.ids.profile } });
  await expect(caller.receipt.get({ id: b.ids.receipt })).resolves.toMatchObject({ id: b.ids.receipt });
  await expect(caller.joinToken.get({ id: b.ids.joinToken })).resolves.toMatchObject({ id: b.ids.joinToken });
  await expect(caller.discovery.get({ discoveryId: b.ids.discovery })).resolves.toMatchObject({ id: b.ids.discovery });
  expect((await caller.clientKey.list({ profileId: b.ids.profile })).rows).toHaveLength(1);
});

test('T-35: a tenant that one does not belong to is the same as one that does not exist', async () => {
  const answers = await Promise.all(
    [b.slug, 'no-such-tenant', 'Not A Slug'].map((slug) =>
      makeCaller(world.runtime, slug, a.token)
        .me.get()
        .catch((error: unknown) => (error instanceof TRPCError ? [error.code, error.message] : error)),
    ),
  );
  expect(answers[0]).toEqual(['NOT_FOUND', expect.any(String)]);
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
});

describe('T-30: with every condition forgotten, nothing of another tenant is shown or changed by', () => {
  const listed = Object.entries(CASES).filter(([path]) => TYPE_OF.get(path) === 'query');
  test.each(listed)('%s', async (path, entry) => {
    const careless: Runtime = { ...world.runtime, db: stripWhere(world.runtime.db) };
    const inputs = entry === NO_IDS ? [LIST_INPUT[path]] : entry.buildInputs(a.ids, a.ids);
    for (const input of inputs) {
      const answer = await getAnswer(path, input, careless);
      expect(answer.ok).toBe(true);
      expectNoTrace(answer);
    }
  });

  test('every mutation', async () => {
    const careless: Runtime = { ...world.runtime, db: stripWhere(world.runtime.db) };
    const before = await readRows(b.tenantId);
    for (const [path, entry] of Object.entries(CASES)) {
      if (entry === NO_IDS || TYPE_OF.get(path) !== 'mutation') continue;
      for (const input of entry.buildInputs(a.ids, b.ids)) await getAnswer(path, input, careless);
    }
    expect(await readRows(b.tenantId)).toEqual(before);
  });
});
