import { expect, test } from 'vitest';

import { findFunctions } from './functions.ts';
import { parse } from './parse.ts';

const findIn = (text: string) => findFunctions(parse({ path: 'a.ts', text }));

test('a function is as long as from its first line to its last, without the comment above it', () => {
  expect(findIn('/** what it is for */\nfunction add(a: number) {\n  return a;\n}\n')).toEqual([
    { name: 'add', line: 2, length: 3 },
  ]);
});

test('arrows, methods, constructors and accessors are functions, named by what holds them', () => {
  const text = `const one = () => 1;
const many = { two: () => 2, three() { return 3; } };
class Four { constructor() {} get five() { return 5; } }
many.two.call(() => 6);`;
  expect(findIn(text).map(({ name }) => name)).toEqual(['one', 'two', 'three', 'constructor', 'five', 'anonymous']);
});

test('a function inside another counts in both; a signature without a body is none', () => {
  const text = 'function outer(): void;\nfunction outer() {\n  const inner = () => {\n    return;\n  };\n}';
  expect(findIn(text)).toEqual([
    { name: 'outer', line: 2, length: 5 },
    { name: 'inner', line: 3, length: 3 },
  ]);
});
