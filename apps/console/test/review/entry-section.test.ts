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
