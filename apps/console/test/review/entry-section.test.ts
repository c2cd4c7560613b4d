import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

import { createReviewDraft } from '../../src/features/review/decision-draft.ts';
import { EntrySection } from '../../src/features/review/entry-section.tsx';
import { makeReview, makeTool } from './make-review.ts';

function renderTools(count: number): string {
  const detail = makeReview(Array.from({ length: count }, (_, index) => makeTool(`tool_${index}`)));
  const draft = createReviewDraft(detail);
  return renderToStaticMarkup(
    createElement(EntrySection, { group: 'tools', detail, draft, editable: true, onChange: () => undefined }),
  );
}

test('of thousands of tools a page makes a hundred rows, and says how many there are more', () => {
  const many = renderTools(2_950);
  expect(many.split('role="radiogroup"').length - 1).toBe(100);
  expect(many).toContain('Show 100 more of 2,850');
  expect(renderTools(130)).toContain('Show 30 more of 30');
  expect(renderTools(100)).not.toContain('more of');
});

test('a form starts with what was decided at the address before, never with less than weighs now, and never for an author', () => {
  const former = {
    verdict: 'approved' as const,
    risk: 'read' as const,
    logArguments: ['/id'],
    logResults: [],
    ignored: [],
    note: 'Seen.',
  };
  const detail = makeReview([
    makeTool('same', { former }),
    makeTool('graver', { former, weighedRisk: 'destructive' }),
    makeTool('rejected', { former: { ...former, verdict: 'rejected' } }),
    makeTool('new'),
  ]);
  expect(Object.values(createReviewDraft(detail))).toMatchObject([
    { name: 'same', verdict: 'approved', risk: 'read', logArguments: ['/id'], note: '', seenHidden: false },
    { name: 'graver', verdict: 'approved', risk: 'destructive' },
    { name: 'rejected', verdict: 'rejected', note: 'Seen.' },
    { name: 'new', verdict: null, logArguments: [] },
  ]);
  const asAuthor = createReviewDraft({ ...detail, canApprove: { ok: false, reason: 'You added it.' } });
  expect(Object.values(asAuthor).map(({ verdict }) => verdict)).toEqual([null, null, null, null]);
});
