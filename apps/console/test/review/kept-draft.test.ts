import { NuqsTestingAdapter } from 'nuqs/adapters/testing';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

import { createReviewDraft, decideAll } from '../../src/features/review/decision-draft.ts';
import { type DiscardedDraft, dropDraft, keepDraft, restoreDraft } from '../../src/features/review/draft/kept-draft.ts';
import { KeptNote, type KeptNoteProps } from '../../src/features/review/draft/kept-note.tsx';
import { EntrySection } from '../../src/features/review/entry-section.tsx';
import { canKeep, clearKept, type KeptPlace } from '../../src/trpc/kept-place.ts';
import { makePlace } from './make-place.ts';
import { makeReview, makeTool } from './make-review.ts';

function renderNote(editor: Partial<KeptNoteProps['editor']>, editable = true): string {
  const none = { restored: null, discarded: null, isLost: false, startOver: () => undefined };
  return renderToStaticMarkup(createElement(KeptNote, { editor: { ...none, ...editor }, editable }));
}

const NOTHING = { restored: null, discarded: null };
const NOW = new Date('2026-11-02T10:00:00Z');
const LATER = new Date('2026-11-02T11:00:00Z');
const TOOLS = [makeTool('read_order'), makeTool('list_orders'), makeTool('pay')];
const detail = makeReview(TOOLS);
const ada = { userId: 'ada', detail };

/** Two of the three tools rejected, for one reason. */
const chosen = decideAll(createReviewDraft(detail), TOOLS.slice(0, 2), 'rejected', 'Not for support');

function keepChosen(place = makePlace()) {
  expect(keepDraft(place, ada, chosen, false, NOW)).toBe(true);
  return place;
}

test('what a reviewer has chosen and not sent is there again, on the screen too, and says since when', () => {
  const { restored, discarded } = restoreDraft(keepChosen(), ada, LATER);
  expect(discarded).toBeNull();
  expect(restored).toEqual({ draft: chosen, again: false, at: NOW, dropped: 0 });
  if (!restored) throw new Error('nothing was kept');
  const page = renderToStaticMarkup(
    createElement(
      NuqsTestingAdapter,
      null,
      createElement(EntrySection, {
        group: 'tools',
        detail,
        draft: restored.draft,
        editable: true,
        maySettle: true,
        onChange: () => undefined,
      }),
    ),
  );
  expect(page.split('aria-checked="true"').length - 1).toBe(2);
  const note = renderNote({ restored });
  expect(note).toContain('Not sent yet.');
  expect(note).toContain('Start over');
});

test('what one person left is never another’s, and goes from the browser when the other comes', () => {
  const place = keepChosen();
  expect(restoreDraft(place, { userId: 'bob', detail }, LATER)).toEqual(NOTHING);
  expect(place.texts).toHaveLength(0);
});

test('what a person left goes from the browser when they sign out, and when somebody else signs in; what is not theirs stays', () => {
  const place = keepChosen();
  place.setItem('theme', 'dark');
  clearKept(place, 'ada');
  expect(restoreDraft(place, ada, LATER).restored).not.toBeNull();
  // an account whose id begins like hers is another one
  clearKept(place, 'ad');
  expect([...place.texts.keys()]).toEqual(['theme']);
  keepChosen(place);
  clearKept(place);
  expect([...place.texts.keys()]).toEqual(['theme']);
});

test('a choice goes when the text that it was about is another one, or what was found in it, and the others stay', () => {
  const place = keepChosen();
  for (const change of [{ pin: 'b'.repeat(64) }, { weighedRisk: 'destructive' as const }, { wasRejected: true }]) {
    const changed = makeReview([makeTool('read_order', change), ...TOOLS.slice(1)]);
    const { restored } = restoreDraft(place, { userId: 'ada', detail: changed }, LATER);
    expect(restored).toMatchObject({ dropped: 1 });
    expect(restored?.draft['tool read_order']?.verdict ?? null).toBeNull();
    expect(Object.values(restored?.draft ?? {}).map(({ verdict }) => verdict)).toEqual([null, 'rejected', null]);
  }
  const renderDropped = (dropped: number) => renderNote({ restored: { draft: {}, again: false, at: NOW, dropped } });
  expect(renderDropped(1)).toContain('One choice is gone, because what it was about has changed.');
  expect(renderDropped(2)).toContain('2 choices are gone');
  const fewer = restoreDraft(place, { userId: 'ada', detail: makeReview(TOOLS.slice(1)) }, LATER);
  expect(fewer.restored).toMatchObject({ dropped: 1 });
});

test('a draft of which nothing is about what is under review now is discarded in so many words', () => {
  const place = keepChosen();
  const others = makeReview(TOOLS.map(({ name }) => makeTool(name, { pin: 'b'.repeat(64) })));
  expect(restoreDraft(place, { userId: 'ada', detail: others }, LATER)).toEqual({
    restored: null,
    discarded: { at: NOW, why: 'earlier' },
  });
  expect(place.texts).toHaveLength(0);
  expect(renderNote({ discarded: { at: NOW, why: 'earlier' } }, false)).toContain('was discarded');
  expect(renderNote({ isLost: true }, false)).toBe('');
  const say = (why: DiscardedDraft['why']) => renderNote({ discarded: { at: NOW, why } }).replaceAll(/<[^>]*>/g, '');
  expect(say('earlier')).toMatch(/^Your draft of .* was about an earlier text and was discarded\.$/);
  expect(say('decided')).toMatch(/^Your draft of .* was discarded, because the review has been decided since\.$/);
  expect(say('expired')).toMatch(/^Your draft of .* was discarded, because the review has expired since\.$/);
});

test('the review that takes the place of another takes over what is still about the same, and says what it does not', () => {
  const place = keepChosen();
  const replaced = { ...detail, review: { ...detail.review, state: 'superseded' as const }, openReviewIds: ['next'] };
  expect(restoreDraft(place, { userId: 'ada', detail: replaced }, LATER)).toEqual(NOTHING);
  // where nothing takes its place, its own page says so
  const gone = { userId: 'ada', detail: { ...replaced, openReviewIds: [] } };
  expect(restoreDraft(keepChosen(), gone, LATER)).toEqual({ restored: null, discarded: { at: NOW, why: 'earlier' } });
  const makeNext = (tools: typeof TOOLS, openReviewIds = ['next']) => {
    const next = makeReview(tools);
    return { ...next, openReviewIds, review: { ...next.review, id: 'next', revision: { ...next.review.revision, number: 4 } } };
  };
  const [first, ...same] = TOOLS;
  const changed = [makeTool(first?.name ?? '', { pin: 'b'.repeat(64) }), ...same];

  // it waits still, for what another site has
  const beside = { userId: 'ada', detail: makeNext(changed, ['r', 'next']) };
  expect(restoreDraft(place, beside, LATER)).toEqual(NOTHING);
  const next = { userId: 'ada', detail: makeNext(changed) };
  const { restored } = restoreDraft(place, next, LATER);
  expect(restored).toMatchObject({ at: NOW, dropped: 1, again: false });
  expect(Object.values(restored?.draft ?? {}).map(({ verdict }) => verdict)).toEqual([null, 'rejected', null]);
  // from now on it is a draft of this one
  expect(place.texts).toHaveLength(1);
  expect(restoreDraft(place, next, LATER).restored).toEqual({ ...restored, dropped: 0 });

  const none = TOOLS.map(({ name }) => makeTool(name, { pin: 'b'.repeat(64) }));
  const lost = restoreDraft(keepChosen(), { userId: 'ada', detail: makeNext(none) }, LATER);
  expect(lost).toEqual({ restored: null, discarded: { at: NOW, why: 'earlier' } });
  // an earlier review of the server takes nothing from a later one
  const later = keepChosen();
  const before = makeReview(TOOLS);
  const earlier = { ...before, openReviewIds: [], review: { ...before.review, id: 'before', state: 'decided' as const } };
  expect(restoreDraft(later, { userId: 'ada', detail: earlier }, LATER)).toEqual(NOTHING);
  expect(later.texts).toHaveLength(1);
});

test('it goes when it is sent, when somebody else decides, when all is as it was, and after a month', () => {
  const sent = keepChosen();
  dropDraft(sent, ada);
  expect(sent.texts).toHaveLength(0);

  const decided = keepChosen();
  const review = { ...detail.review, state: 'decided' as const, decidedAt: LATER };
  expect(restoreDraft(decided, { userId: 'ada', detail: { ...detail, review } }, LATER)).toEqual({
    restored: null,
    discarded: { at: NOW, why: 'decided' },
  });
  expect(decided.texts).toHaveLength(0);

  const undone = keepChosen();
  expect(keepDraft(undone, ada, createReviewDraft(detail), false, NOW)).toBe(true);
  expect(undone.texts).toHaveLength(0);

  const old = keepChosen();
  expect(restoreDraft(old, ada, new Date(NOW.getTime() + 31 * 86_400_000))).toEqual(NOTHING);
  expect(old.texts).toHaveLength(0);
});

test('each review keeps its own, and what is no draft is nothing', () => {
  const place = keepChosen();
  const other = { userId: 'ada', detail: { ...detail, review: { ...detail.review, id: 'other' } } };
  expect(restoreDraft(place, other, LATER)).toEqual(NOTHING);
  expect(restoreDraft(place, ada, LATER).restored).not.toBeNull();
  const [key = ''] = place.texts.keys();
  for (const text of [
    '',
    '{',
    '[]',
    '{"at":1}',
    JSON.stringify({ ...JSON.parse(place.getItem(key) ?? ''), choices: { 'tool pay': 1 } }),
  ]) {
    place.setItem(key, text);
    expect(restoreDraft(place, ada, LATER)).toEqual(NOTHING);
  }
});

test('a browser that keeps nothing, or has no room, is told before anything is lost', () => {
  const full: KeptPlace = {
    ...makePlace(),
    setItem: () => {
      throw new DOMException('full', 'QuotaExceededError');
    },
  };
  expect(keepDraft(full, ada, chosen, false, NOW)).toBe(false);
  expect([canKeep(full), canKeep(null), canKeep(makePlace())]).toEqual([false, false, true]);
  expect(renderNote({ isLost: true })).toContain('lost when you leave the page');
});

test('many are rejected with one reason, which takes no note away and changes nothing that was decided', () => {
  const start = createReviewDraft(detail);
  const [first, second, third] = Object.keys(start);
  if (first === undefined || second === undefined || third === undefined) throw new Error('three tools');
  const own = {
    ...start,
    [first]: { ...start[first]!, note: 'Mine' },
    [third]: { ...start[third]!, verdict: 'approved' as const },
  };
  const next = decideAll(own, TOOLS, 'rejected', 'Not for support');
  expect(Object.values(next).map(({ verdict, note }) => [verdict, note])).toEqual([
    ['rejected', 'Mine'],
    ['rejected', 'Not for support'],
    ['approved', ''],
  ]);
});
