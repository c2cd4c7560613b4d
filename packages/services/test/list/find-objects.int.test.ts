import { afterAll, expect, test } from 'vitest';

import { getActorId } from '../../src/context.ts';
import { createProfile } from '../../src/profile/create-profile.ts';
import { findObjects } from '../../src/search/find-objects.ts';
import { addServer, makeDomain } from '../support/domain.ts';
import { expectRefused, makeWorkspace, openWorld } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

test('objects are found by name and by id, each role finds what it may see, and nobody anything of another workspace', async () => {
  const domain = await makeDomain(await makeWorkspace(world.runtime));
  const stranger = await makeDomain(await makeWorkspace(world.runtime));
  const { admin } = domain;
  const { id } = await addServer(domain, { name: 'Quokka ledger' });
  const siteIds = [domain.workspace.site.id];
  await createProfile({ ctx: admin, input: { name: 'Quokka desk', slug: 'quokka', description: '', siteIds } });
  const find = async (text: string, ctx = admin) =>
    (await findObjects({ ctx, input: { text } })).map(({ kind, name }) => `${kind} ${name}`);
  expect(await find('quokka')).toEqual(['server Quokka ledger', 'profile Quokka desk']);
  expect(await find('LEDGER quok')).toEqual(['server Quokka ledger']);
  expect(await find(id)).toEqual(['server Quokka ledger']);
  expect(await find(id.toUpperCase())).toEqual(['server Quokka ledger']);
  expect(await find(getActorId(domain.reviewer.actor))).toEqual(['member Ada Example']);
  expect(await find('%')).toEqual([]);
  const member = await domain.workspace.as('member');
  expect(await find('quokka', member)).toEqual([]);
  expect(await find('ada', member)).toEqual([]);
  expect(await find('quokka', stranger.admin)).toEqual([]);
  expect(await find(id, stranger.admin)).toEqual([]);
  await expectRefused('invalid', findObjects({ ctx: admin, input: { text: ' ' } }));
});
