import { afterAll, expect, test } from 'vitest';

import { computePin } from '@gatehouse/policy/documents/content-hash';
import { defineTool } from '@gatehouse/policy/testing/build';

import { saveDraft } from '../../src/profile/draft/save-draft.ts';
import { previewProfile } from '../../src/profile/publish/preview-profile.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { decideReview } from '../../src/review/decide-review.ts';
import { getReview } from '../../src/review/get-review.ts';
import { getServer } from '../../src/server/get-server.ts';
import {
  addServer,
  type Beside,
  listChoices,
  discover,
  createDraftedProfile,
  makeDomain,
  readNewestSnapshot,
} from '../support/domain.ts';
import { makeWorkspace, openWorld, expectRefused } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));

const TEXT = 'Look an order up before you change it.';
const makeInstructions = (text: string): Beside => ({ entries: [{ kind: 'instructions', definition: { text } }] });

async function approve(reviewId: string | null): Promise<void> {
  const { reviewer } = domain;
  const decisions = await listChoices(reviewer, reviewId ?? '');
  await decideReview({ ctx: reviewer, input: { reviewId: reviewId ?? '', decisions } });
}

const readServedEntries = async () =>
  (await readNewestSnapshot(domain))?.content.profiles.flatMap(({ entries }) => entries) ?? [];

test('T-51: instructions are an entry of their server: off until approved, then served, and off again when they change', async () => {
  const { admin, reviewer } = domain;
  const { id: serverId, slug } = await addServer(domain);
  const { openReviewId } = await discover(domain, serverId, [defineTool('get_order')], makeInstructions(TEXT));
  const review = await getReview({ ctx: reviewer, input: { reviewId: openReviewId ?? '' } });
  const entry = { kind: 'instructions', name: 'instructions', pin: computePin({ text: TEXT }), definition: { text: TEXT } };
  expect(review.entries).toMatchObject([{ kind: 'tool' }, { ...entry, change: 'new', decision: { verdict: 'pending' } }]);

  const { id: profileId } = await createDraftedProfile(domain, []);
  const draft = { entries: [{ kind: 'instructions' as const, serverId, name: 'instructions' }] };
  const error = await expectRefused('precondition', saveDraft({ ctx: admin, input: { profileId, draft } }));
  expect(error.message).toBe(
    `${slug}/instructions cannot be used: waits for review. Take it out of the profile, or settle that first.`,
  );

  await approve(openReviewId);
  await saveDraft({ ctx: admin, input: { profileId, draft } });
  expect((await previewProfile({ ctx: admin, input: { profileId } })).instructions).toBe(TEXT);
  await publishProfile({ ctx: admin, input: { profileId } });
  expect(await readServedEntries()).toEqual([{ ...entry, serverId }]);

  const changed = await discover(domain, serverId, [defineTool('get_order')], makeInstructions(`${TEXT} Or not.`));
  expect(changed.openReviewId).not.toBeNull();
  const { entries } = await getServer({ ctx: admin, input: { serverId } });
  expect(entries.map(({ kind, verdict }) => [kind, verdict])).toEqual([
    ['tool', 'approved'],
    ['instructions', 'pending'],
  ]);
  expect((await previewProfile({ ctx: admin, input: { profileId, of: 'published' } })).instructions).toBe('');
  await approve(changed.openReviewId);
  // approved again, but not in the wording that was published
  expect(await readServedEntries()).toEqual([]);
});

test('a server that says nothing has no such entry, and the same instructions make no new revision', async () => {
  const { id: serverId } = await addServer(domain);
  const silent = await discover(domain, serverId, [defineTool('get_order')]);
  const { entries } = await getServer({ ctx: domain.admin, input: { serverId } });
  expect(entries.map(({ kind }) => kind)).toEqual(['tool']);
  const told = await discover(domain, serverId, [defineTool('get_order')], makeInstructions(TEXT));
  expect(told.revisionId).not.toBe(silent.revisionId);
  expect((await discover(domain, serverId, [defineTool('get_order')], makeInstructions(TEXT))).revisionId).toBe(told.revisionId);
});
