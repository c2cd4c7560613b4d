import { expect } from 'vitest';

import type { Span } from '../../src/span.ts';

/** Reads `mail «ada@corp.fi» now`: the text without the marks, and what stands between each two of them. */
function readMarked(marked: string): { text: string; found: string[] } {
  return { text: marked.replaceAll(/[«»]/g, ''), found: Array.from(marked.matchAll(/«([^»]*)»/g), ([, inside = '']) => inside) };
}

/** Expects a detector to find, in order, exactly what stands between the marks, under the rule. */
export function expectFound(detect: (text: string) => Span[], marked: string, rule: Span['rule']): void {
  const { text, found } = readMarked(marked);
  const spans = detect(text).toSorted((left, right) => left.start - right.start);
  expect(spans.map(({ start, end }) => text.slice(start, end))).toEqual(found);
  expect(new Set(spans.map((span) => span.rule))).toEqual(new Set(found.length > 0 ? [rule] : []));
}
