import { expect, test } from 'vitest';

import { keepComment, restoreComment } from '../../src/features/review/discussion/kept-comment.ts';
import { restoreDraft } from '../../src/features/review/draft/kept-draft.ts';
import { clearKept } from '../../src/trpc/kept-place.ts';
import { makePlace } from './make-place.ts';
import { makeReview, makeTool } from './make-review.ts';

const NOW = new Date('2026-11-02T10:00:00Z');
const detail = makeReview([makeTool('read_order')]);
const ada = { userId: 'ada', reviewId: detail.review.id };

test('an unsent comment is there again for its author on this review, until it is sent', () => {
  const place = makePlace();
  expect(restoreComment(place, ada)).toBe('');
  expect(keepComment(place, ada, 'Why does it pay?', NOW)).toBe(true);
  expect(restoreComment(place, ada)).toBe('Why does it pay?');
  expect(restoreComment(place, { ...ada, userId: 'ben' })).toBe('');
  expect(restoreComment(place, { ...ada, reviewId: 'another' })).toBe('');
  keepComment(place, ada, '', NOW);
  expect(place.texts.size).toBe(0);
});

test('it stays beside the choices of a review, goes when it is old, and with whoever signs out', () => {
  const place = makePlace();
  const restoreAt = (at: string, userId = 'ada') => restoreDraft(place, { userId, detail }, new Date(at));
  keepComment(place, ada, 'Why?', NOW);
  restoreAt('2026-11-03T10:00:00Z');
  expect(restoreComment(place, ada)).toBe('Why?');
  restoreAt('2026-12-24T10:00:00Z');
  expect(restoreComment(place, ada)).toBe('');
  keepComment(place, ada, 'Why?', NOW);
  restoreAt('2026-11-03T10:00:00Z', 'ben');
  expect(restoreComment(place, ada)).toBe('');
  keepComment(place, ada, 'Why?', NOW);
  clearKept(place);
  expect(place.texts.size).toBe(0);
});

test('a browser without room, and what is no comment, are no error', () => {
  const place = makePlace();
  place.setItem('gatehouse.review.ada.comment.' + ada.reviewId, 'not JSON');
  expect(restoreComment(place, ada)).toBe('');
  const full = {
    ...makePlace(),
    setItem: () => {
      throw new Error('full');
    },
  };
  expect(keepComment(full, ada, 'Why?', NOW)).toBe(false);
});
