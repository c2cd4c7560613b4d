import { resolve } from 'node:path';

import { expect, test } from 'vitest';

import { getPlan, readOptions } from '../src/options.ts';

test('without options everything is measured, with this tree alone', () => {
  expect(readOptions([])).toEqual({ quick: false, only: [], agent: null, against: null, rounds: null, help: false });
});

test('paths are those of the folder where it was started', () => {
  expect(readOptions(['--against', '../before', '--agent', 'a.mjs'])).toMatchObject({
    against: resolve('../before'),
    agent: resolve('a.mjs'),
  });
});

test('rounds change nothing else of the plan; what is no number of rounds is refused', () => {
  const full = getPlan(readOptions([]));
  expect(getPlan(readOptions(['--rounds', '25']))).toEqual({ ...full, rounds: 25 });
  for (const wrong of ['0', '-1', '1.5', 'many', '']) expect(() => readOptions([`--rounds=${wrong}`])).toThrow(TypeError);
});
