import { afterAll, expect, test } from 'vitest';

import { runInLookup } from '@gatehouse/db/tenant';
import { makeUser } from '@gatehouse/db/testing';

import { chooseTimeZone } from '../../src/auth/choose-time-zone.ts';
import { expectRefused, openWorld } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

async function readZone(userId: string): Promise<string | null | undefined> {
  const { db } = world.runtime;
  const user = await runInLookup(db, { userId }, (tx) => tx.user.findFirst({ where: { id: userId } }));
  return user?.timeZone;
}

test('a time zone is kept with the person, and taken back', async () => {
  const { runtime } = world;
  const [ada, ben] = await Promise.all([makeUser(runtime.db), makeUser(runtime.db)]);
  await chooseTimeZone({ runtime, input: { userId: ada.id, timeZone: 'Asia/Kathmandu' } });
  expect(await Promise.all([ada.id, ben.id].map(readZone))).toEqual(['Asia/Kathmandu', null]);
  await chooseTimeZone({ runtime, input: { userId: ada.id, timeZone: null } });
  expect(await readZone(ada.id)).toBeNull();
});

test('what is no zone is refused: a place that is none, an offset, a text of any length', async () => {
  const { runtime } = world;
  const { id: userId } = await makeUser(runtime.db);
  for (const timeZone of ['Europe/Atlantis', '+02:00', '', 'UTC\u0000', 'A'.repeat(1_000)])
    await expectRefused('invalid', chooseTimeZone({ runtime, input: { userId, timeZone } }));
  expect(await readZone(userId)).toBeNull();
});
