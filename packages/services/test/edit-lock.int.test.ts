import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { mutate } from '../src/audit/mutate.ts';
import { getActorId, type ServiceContext } from '../src/context.ts';
import { countEdit, type EditConflict, EditConflictError, type EditedKind } from '../src/edit-lock.ts';
import { createProfile } from '../src/profile/create-profile.ts';
import { setServerLimits } from '../src/server/set-server-limits.ts';
import { addServer, makeDomain } from './support/domain.ts';
import { expectRefused, makeWorkspace, openWorld } from './support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));

/** An edit of nothing but the count, as a verb makes it. */
const edit = (ctx: ServiceContext, kind: EditedKind, id: string, seen: number): Promise<number> =>
  mutate(ctx, async ({ tx, audit }) => {
    const revision = await countEdit(tx, ctx, {
      kind,
      noun: kind,
      id,
      seen,
      actions: [`${kind}.update`],
      readPresent: () => ({ name: 'as it is' }),
    });
    await audit({ action: `${kind}.update`, entityType: kind, entityId: id });
    return revision;
  });

const readConflict = async (work: Promise<unknown>): Promise<EditConflict> => {
  const error = await expectRefused('conflict', work);
  if (!(error instanceof EditConflictError)) throw new Error('The conflict carries nothing', { cause: error });
  return error.conflict;
};

const EDITED: readonly [EditedKind, () => Promise<string> | string][] = [
  ['agent', () => domain.agent.id],
  ['membership', () => getActorId(domain.reviewer.actor)],
  [
    'profile',
    async () => (await createProfile({ ctx: domain.admin, input: { name: 'Support', siteIds: [domain.workspace.site.id] } })).id,
  ],
  ['server', async () => (await addServer(domain)).id],
  ['site', () => domain.workspace.site.id],
  ['tenant', () => domain.workspace.tenant.id],
];

test.each(EDITED)('of two editors of a %s one is first, and the other gets who, when and what', async (kind, make) => {
  const id = await make();
  const other = await domain.workspace.as('owner');
  expect(await edit(other, kind, id, 1)).toBe(2);
  const conflict = await readConflict(edit(domain.admin, kind, id, 1));
  expect(conflict).toMatchObject({ revision: 2, present: { name: 'as it is' }, changedAt: expect.any(Date) });
  expect(conflict.changedBy?.id).toBe(getActorId(other.actor));
  // with both versions in hand the second one goes on
  expect(await edit(domain.admin, kind, id, conflict.revision)).toBe(3);
});

test('of editors at the very same time exactly one is first, and nobody waits for ever', async () => {
  const { id } = await addServer(domain);
  const limits = [1, 2, 3, 4, 5, 6].map((seconds) => ({ startMs: seconds * 1_000 }));
  const saved = await Promise.allSettled(
    limits.map((each) => setServerLimits({ ctx: domain.admin, input: { serverId: id, limits: each, revision: 1 } })),
  );
  const first = saved.findIndex(({ status }) => status === 'fulfilled');
  expect(saved.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const each of saved) {
    if (each.status === 'fulfilled') continue;
    expect(each.reason).toBeInstanceOf(EditConflictError);
    expect(each.reason.conflict).toMatchObject({ revision: 2, present: { limits: limits[first] } });
  }
});

test('what another tenant edits answers as what does not exist, and a refused edit leaves the count', async () => {
  const other = await makeDomain(await makeWorkspace(world.runtime));
  const { id } = await addServer(other);
  const foreign = await expectRefused('not_found', edit(domain.admin, 'server', id, 1));
  const unknown = await expectRefused('not_found', edit(domain.admin, 'server', randomUUID(), 1));
  expect(foreign.message).toBe(unknown.message);
  await expectRefused('not_found', edit(domain.admin, 'tenant', other.workspace.tenant.id, 1));
  await readConflict(edit(other.admin, 'server', id, 7));
  expect(await edit(other.admin, 'server', id, 1)).toBe(2);
});
