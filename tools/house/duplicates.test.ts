import { expect, test } from 'vitest';

import { findDuplicates } from './duplicates.ts';
import { readLineShapes } from './line-shapes.ts';
import { parse } from './parse.ts';

/** Seven lines of seven shapes. */
const copy = (name: string, value: string) => `function ${name}(input: string) {
  const ${name}Parts = input.split(${value});
  if (${name}Parts.length === 0) return null;
  const first = ${name}Parts[0] ?? ${value};
  for (const part of ${name}Parts) first.concat(part);
  while (first.length > 7) first.trim();
  return { first, rest: ${name}Parts };
}
`;

const readShapes = (texts: Record<string, string>) =>
  Object.entries(texts).map(([path, text]) => ({ path, lines: readLineShapes(parse({ path, text })) }));
const findIn = (texts: Record<string, string>) => findDuplicates(readShapes(texts));

test('a copy with other names and values is one pair, whole, wherever it stands', () => {
  const pairs = findIn({ 'a.ts': copy('read', "','"), 'b.ts': `// a comment\n\nlet x = 1;\n${copy('write', "';'")}` });
  expect(pairs).toEqual([
    {
      places: [
        { path: 'a.ts', from: 1, to: 7 },
        { path: 'b.ts', from: 4, to: 10 },
      ],
      shared: 7,
    },
  ]);
});

test('a file can repeat itself, and two files that share several runs are one pair', () => {
  expect(findIn({ 'a.ts': copy('read', "','") + copy('write', "';'") })).toHaveLength(1);
  const pairs = findIn({
    'a.ts': `${copy('read', "','")}let a = 1;\n${copy('read', "','").replace('while', 'if')}`,
    'b.ts': `${copy('read', "','")}type B = string;\n${copy('read', "','").replace('while', 'if')}`,
  });
  expect(pairs.filter(({ places: [a, b] }) => a.path !== b.path)).toHaveLength(1);
});

test('five equal lines are no pair', () => {
  const five = copy('read', "','").split('\n').slice(0, 5).join('\n');
  expect(findIn({ 'a.ts': `${five}}`, 'b.ts': `${five}}` })).toEqual([]);
});

test('a list is no repetition, nor is what stands in many places', () => {
  const list = Array.from({ length: 20 }, (_, index) => `  key${index}: 'value ${index}',`).join('\n');
  expect(findIn({ 'a.ts': `const a = {\n${list}\n};`, 'b.ts': `const b = {\n${list}\n};` })).toEqual([]);
  const everywhere = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`f${index}.ts`, copy('read', "','")]));
  expect(findIn(everywhere)).toEqual([]);
});

test('imports, comments, blank lines and lone punctuation are not compared', () => {
  const text = "import { a } from 'a';\nexport { b } from 'b';\n\n// why\nconst c = {\n  d,\n};\n";
  expect(readLineShapes(parse({ path: 'a.ts', text }))).toEqual([
    { line: 5, shape: 'const name = { ' },
    { line: 6, shape: 'name , ' },
  ]);
});

test('names, texts, numbers and patterns differ without a difference, keywords do not', () => {
  const [first, second, third] = readLineShapes(
    parse({
      path: 'a.tsx',
      text: 'const a = <A b="c">{1}{/d/}</A>;\nconst e = <E f="g">{2}{/h/}</E>;\nlet e = <E f="g">{2}{/h/}</E>;',
    }),
  );
  expect(first?.shape).toBe(second?.shape);
  expect(third?.shape).not.toBe(second?.shape);
});
