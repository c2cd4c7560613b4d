import { NuqsTestingAdapter } from 'nuqs/adapters/testing';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

import { createReviewDraft } from '../../src/features/review/decision-draft.ts';
import { EntrySection } from '../../src/features/review/entry-section.tsx';
import type { ReviewDetail, ReviewTool } from '../../src/features/review/summary.ts';
import { TRPCProvider } from '../../src/trpc/client.tsx';
import { makeReview, makeTool } from './make-review.ts';

/** As at an address with these parameters. */
function render(element: ReactNode, searchParams = ''): string {
  return renderToStaticMarkup(<NuqsTestingAdapter searchParams={searchParams}>{element}</NuqsTestingAdapter>);
}

function renderTools(count: number, searchParams?: string): string {
  const detail = makeReview(Array.from({ length: count }, (_, index) => makeTool(`tool_${index}`)));
  const draft = createReviewDraft(detail);
  return render(
    <EntrySection group="tools" detail={detail} draft={draft} editable maySettle onChange={() => undefined} />,
    searchParams,
  );
}

test('of thousands of tools what fits a screen is made at once, and a page says how many there are after a hundred', () => {
  const many = renderTools(2_950);
  // outside of a browser nothing is made later; that it comes to a hundred there, load.spec looks at
  expect(many.split('role="radiogroup"').length - 1).toBe(10);
  expect(many).toContain('Show 100 more of 2,850');
  expect(renderTools(130)).toContain('Show 30 more of 30');
  expect(renderTools(100)).not.toContain('more of');
});

test('tools are found by all words that are typed and by what they are; a short list has nothing to narrow it', () => {
  const count = (searchParams: string) => renderTools(130, searchParams).split('role="radiogroup"').length - 1;
  expect([count('tools-q=tool_12'), count('tools-q=tool_12%20_123'), count('tools-q=none')]).toEqual([10, 1, 0]);
  expect([count('tools-state=findings'), count('tools-state=undecided'), count('tools-risk=destructive')]).toEqual([0, 10, 0]);
  expect(renderTools(130, 'tools-q=none')).toContain('Nothing matches');
  expect(renderTools(13)).toContain('Search tools');
  expect(renderTools(12)).not.toContain('Search tools');
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

const renderDecided = (tool: ReviewTool, editable: boolean): string => {
  const detail = makeReview([tool]);
  const draft = createReviewDraft(detail);
  return render(
    <EntrySection
      group="tools"
      detail={detail}
      draft={draft}
      editable={editable}
      maySettle={editable}
      onChange={() => undefined}
    />,
  );
};

test('a rejection that stands is said once, and an earlier one where it is decided again or was approved since', () => {
  const { decision } = makeTool('get_order');
  const rejected = makeTool('get_order', { wasRejected: true, decision: { ...decision, verdict: 'rejected', note: 'No.' } });
  expect(renderDecided(rejected, false)).not.toContain('Rejected before');
  expect(renderDecided(rejected, false)).toContain('Rejected');
  expect(renderDecided(rejected, true)).toContain('Rejected before');
  const approved = makeTool('get_order', { wasRejected: true, decision: { ...decision, verdict: 'approved' } });
  expect(renderDecided(approved, false)).toContain('Rejected before');
});

test('whoever may not approve an entry is told why, and is asked to tick nothing first', () => {
  const tool = makeTool('get_order', { change: 'changed', lookAlikes: ['get_0rder'] });
  const over = { entries: [{ kind: 'tool', name: 'get_order' }], reason: 'Its days are over.' } as const;
  const owner = {
    ...makeReview([tool]),
    canApprove: { ok: false, reason: 'You added it.' },
    canBreakGlass: { ok: true, reason: null },
  } as const;
  const renderFor = (detail: ReviewDetail): string =>
    render(
      <TRPCProvider tenant="acme">
        <EntrySection
          group="tools"
          detail={detail}
          draft={createReviewDraft(detail)}
          editable
          maySettle
          onChange={() => undefined}
        />
      </TRPCProvider>,
    );
  expect(renderFor(owner)).toContain('I have looked at it');
  const author = renderFor({ ...owner, canBreakGlass: { ok: false, reason: 'Only an owner decides by break-glass.' } });
  expect(author).toContain('You added it.');
  expect(author).not.toContain('I have looked at it');
  const tooLate = renderFor({ ...owner, glassOver: { ...over, entries: [...over.entries] } });
  expect(tooLate).toContain('Its days are over.');
  expect(tooLate).not.toContain('I have looked at it');
});
