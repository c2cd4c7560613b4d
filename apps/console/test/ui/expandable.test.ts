import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

import { Expandable, type ExpandableProps } from '../../src/ui/layout/expandable.tsx';

function renderRow(defaultOpen: boolean): string {
  const row: ExpandableProps = { summary: 'a tool', defaultOpen, children: 'all of its definition' };
  return renderToStaticMarkup(createElement(Expandable, row));
}

test('what is below a closed line is not made: a review of thousands of tools opens', () => {
  expect(renderRow(false)).toContain('a tool');
  expect(renderRow(false)).not.toContain('all of its definition');
  expect(renderRow(true)).toContain('all of its definition');
});
