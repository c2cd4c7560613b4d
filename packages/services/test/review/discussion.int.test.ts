import { afterAll, expect, test } from 'vitest';

import { defineTool } from '@gatehouse/policy/testing/build';

import { getActorId } from '../../src/context.ts';
import { addComment } from '../../src/review/discussion/add-comment.ts';
import { getReview } from '../../src/review/get-review.ts';
import { addServer, approveReview, discover, makeDomain } from '../support/domain.ts';
import { expectRefused, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin, reviewer } = domain;

async function openReview() {
  const server = await addServer(domain);
  return (await discover(domain, server.id, [defineTool('get_order')])).openReviewId ?? '';
}

test('comments and acts of a review are told in their order, with who and when; the log names who spoke, not what', async () => {
  const reviewId = await openReview();
  const builder = await domain.workspace.as('builder');
  await addComment({ ctx: reviewer, input: { reviewId, text: '  Why does it read **all** orders?\n<b>x</b> ' } });
  await addComment({ ctx: builder, input: { reviewId, text: 'The team needs the archive.' } });
  await approveReview(domain, reviewId);
  await addComment({ ctx: reviewer, input: { reviewId, text: 'Thanks.' } });
  const { timeline } = await getReview({ ctx: reviewer, input: { reviewId } });
  expect(timeline).toMatchObject([
    {
      kind: 'comment',
      text: 'Why does it read **all** orders?\n<b>x</b>',
      by: { id: getActorId(reviewer.actor) },
      at: expect.any(Date),
    },
    { kind: 'comment', text: 'The team needs the archive.', by: { id: getActorId(builder.actor) } },
    { kind: 'act', action: 'review.decide', by: { id: getActorId(reviewer.actor) }, takesTwo: false },
    { kind: 'comment', text: 'Thanks.' },
  ]);
  const log = await readAudit(admin, reviewId);
  expect(log.map(({ action }) => action)).toEqual(['review.comment', 'review.comment', 'review.decide', 'review.comment']);
  expect(JSON.stringify(log)).not.toContain('archive');
});

test('is for those who take part: not for auditors and members, not without words, not in another workspace', async () => {
  const reviewId = await openReview();
  const say = (ctx: typeof reviewer, text: string) => addComment({ ctx, input: { reviewId, text } });
  await expectRefused('not_permitted', say(await domain.workspace.as('auditor'), 'Hello'));
  await expectRefused('not_found', say(await domain.workspace.as('member'), 'Hello'));
  await expectRefused('invalid', say(reviewer, '  '));
  await expectRefused('invalid', say(reviewer, 'x'.repeat(4_001)));
  const other = await makeDomain(await makeWorkspace(world.runtime));
  await expectRefused('not_found', say(other.reviewer, 'Hello'));
  expect((await getReview({ ctx: reviewer, input: { reviewId } })).timeline).toEqual([]);
});
