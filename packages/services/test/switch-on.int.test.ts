import { afterAll, expect, test } from 'vitest';

import { getActorId, type ServiceContext } from '../src/context.ts';
import { removeMember } from '../src/member/remove-member.ts';
import { saveDraft } from '../src/profile/draft/save-draft.ts';
import { archiveProfile, restoreProfile } from '../src/profile/end/archive-profile.ts';
import { disableProfile, enableProfile } from '../src/profile/switch-profile.ts';
import { disableServer, enableServer } from '../src/server/switch-server.ts';
import { addServer, createDraftedProfile, makeDomain } from './support/domain.ts';
import { expectRefused, makeWorkspace, openWorld } from './support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin, workspace } = domain;
const owner = await workspace.as('owner');
const editor = await workspace.as('owner');

interface Switches {
  disable: (ctx: ServiceContext) => Promise<unknown>;
  enable: (ctx: ServiceContext) => Promise<unknown>;
}

/** One's own can be taken back; another one's only by who is no author. */
async function expectAuthorsRefused({ disable, enable }: Switches, authors: readonly ServiceContext[]): Promise<void> {
  await disable(admin);
  await enable(admin);
  await disable(owner);
  for (const ctx of authors) expect((await expectRefused('not_permitted', enable(ctx))).message).toMatch(/ can\.$/);
  await enable(owner);
}

test('T-42: a server that somebody else switched off is not switched on by its author while another could', async () => {
  const input = { serverId: (await addServer(domain)).id };
  const switches = {
    disable: (ctx: ServiceContext) => disableServer({ ctx, input }),
    enable: (ctx: ServiceContext) => enableServer({ ctx, input }),
  };
  await expectAuthorsRefused(switches, [admin]);
});

test('T-42: nor a profile by who created it or edited its draft', async () => {
  const input = { profileId: (await createDraftedProfile(domain, [])).id };
  await saveDraft({ ctx: editor, input: { ...input, draft: { entries: [], audit: 'best_effort' } } });
  const switches = {
    disable: (ctx: ServiceContext) => disableProfile({ ctx, input }),
    enable: (ctx: ServiceContext) => enableProfile({ ctx, input }),
  };
  await expectAuthorsRefused(switches, [admin, editor]);
});

test('T-42: nor is a profile taken out of the archive by its author, when somebody else put it there', async () => {
  const input = { profileId: (await createDraftedProfile(domain, [])).id };
  const switches = {
    disable: (ctx: ServiceContext) => archiveProfile({ ctx, input }),
    enable: (ctx: ServiceContext) => restoreProfile({ ctx, input }),
  };
  await expectAuthorsRefused(switches, [admin]);
});

test('T-42: and what somebody else has disabled is not switched on by way of the archive', async () => {
  const input = { profileId: (await createDraftedProfile(domain, [])).id };
  await disableProfile({ ctx: owner, input });
  await archiveProfile({ ctx: admin, input });
  expect(await restoreProfile({ ctx: admin, input })).toEqual({ id: input.profileId, disabled: true });
  await expectRefused('not_permitted', enableProfile({ ctx: admin, input }));
  await enableProfile({ ctx: owner, input });
});

test('where nobody else could, its author may', async () => {
  const small = await makeDomain(await makeWorkspace(world.runtime));
  const second = await small.workspace.as('owner');
  const input = { serverId: (await addServer({ ...small, admin: second })).id };
  await disableServer({ ctx: small.admin, input });
  await expectRefused('not_permitted', enableServer({ ctx: second, input }));
  await removeMember({ ctx: second, input: { membershipId: getActorId(small.admin.actor) } });
  expect(await enableServer({ ctx: second, input })).toEqual({ id: input.serverId });
});
