import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

import { createReviewDraft, decideAll } from '../../src/features/review/decision-draft.ts';
import { canKeep, dropDraft, keepDraft, type KeptPlace, restoreDraft } from '../../src/features/review/draft/kept-draft.ts';
import { KeptNote } from '../../src/features/review/draft/kept-note.tsx';
import { EntrySection } from '../../src/features/review/entry-section.tsx';
import { makeReview, makeTool } from './make-review.ts';

/** A browser's storage, as much of it as is used. */
function makePlace(): KeptPlace & { texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    get length() {
      return texts.size;
    },
    // the names are those of Storage
    // oxlint-disable-next-line gatehouse/function-starts-with-verb
    key: (index) => [...texts.keys()][index] ?? null,
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, text) => void texts.set(key, text),
    removeItem: (key) => void texts.delete(key),
  };
}

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
  const restored = restoreDraft(keepChosen(), ada, LATER);
  expect(restored).toEqual({ draft: chosen, again: false, at: NOW, dropped: 0 });
  if (!restored) throw new Error('nothing was kept');
  const page = renderToStaticMarkup(
    createElement(EntrySection, { group: 'tools', detail, draft: restored.draft, editable: true, onChange: () => undefined }),
  );
  expect(page.split('aria-checked="true"').length - 1).toBe(2);
  const note = renderToStaticMarkup(createElement(KeptNote, { editor: { restored, isLost: false, startOver: () => undefined } }));
  expect(note).toContain('Not sent yet.');
  expect(note).toContain('Start over');
});

test('what one person left is never another’s, and goes from the browser when the other comes', () => {
  const place = keepChosen();
  expect(restoreDraft(place, { userId: 'bob', detail }, LATER)).toBeNull();
  expect(place.texts).toHaveLength(0);
});

test('a choice goes when the text that it was about is another one, or what was found in it, and the others stay', () => {
  const place = keepChosen();
  for (const change of [{ pin: 'b'.repeat(64) }, { weighedRisk: 'destructive' as const }, { wasRejected: true }]) {
    const changed = makeReview([makeTool('read_order', change), ...TOOLS.slice(1)]);
    const restored = restoreDraft(place, { userId: 'ada', detail: changed }, LATER);
    expect(restored).toMatchObject({ dropped: 1 });
    expect(restored?.draft['tool read_order']?.verdict ?? null).toBeNull();
    expect(Object.values(restored?.draft ?? {}).map(({ verdict }) => verdict)).toEqual([null, 'rejected', null]);
  }
  const renderNote = (dropped: number) =>
    renderToStaticMarkup(
      createElement(KeptNote, {
        editor: { restored: { draft: {}, again: false, at: NOW, dropped }, isLost: false, startOver: () => undefined },
      }),
    );
  expect(renderNote(1)).toContain('One choice is gone, because what it was about has changed.');
  expect(renderNote(2)).toContain('2 choices are gone');
  const fewer = restoreDraft(place, { userId: 'ada', detail: makeReview(TOOLS.slice(1)) }, LATER);
  expect(fewer).toMatchObject({ dropped: 1 });
});

test('it goes when it is sent, when somebody else decides, when all is as it was, and after a month', () => {
  const sent = keepChosen();
  dropDraft(sent, ada);
  expect(sent.texts).toHaveLength(0);

  const decided = keepChosen();
  const review = { ...detail.review, state: 'decided' as const, decidedAt: LATER };
  expect(restoreDraft(decided, { userId: 'ada', detail: { ...detail, review } }, LATER)).toBeNull();
  expect(decided.texts).toHaveLength(0);

  const undone = keepChosen();
  expect(keepDraft(undone, ada, createReviewDraft(detail), false, NOW)).toBe(true);
  expect(undone.texts).toHaveLength(0);

  const old = keepChosen();
  expect(restoreDraft(old, ada, new Date(NOW.getTime() + 31 * 86_400_000))).toBeNull();
  expect(old.texts).toHaveLength(0);
});

test('each review keeps its own, and what is no draft is nothing', () => {
  const place = keepChosen();
  const other = { userId: 'ada', detail: { ...detail, review: { ...detail.review, id: 'other' } } };
  expect(restoreDraft(place, other, LATER)).toBeNull();
  expect(restoreDraft(place, ada, LATER)).not.toBeNull();
  const [key = ''] = place.texts.keys();
  for (const text of [
    '',
    '{',
    '[]',
    '{"at":1}',
    JSON.stringify({ ...JSON.parse(place.getItem(key) ?? ''), choices: { 'tool pay': 1 } }),
  ]) {
    place.setItem(key, text);
    expect(restoreDraft(place, ada, LATER)).toBeNull();
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
  const editor = { restored: null, isLost: true, startOver: () => undefined };
  expect(renderToStaticMarkup(createElement(KeptNote, { editor }))).toContain('lost when you leave the page');
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
