import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

const css = readFileSync(new URL('../../src/app/tokens.css', import.meta.url), 'utf8');
const tokens = new Map(
  [...css.matchAll(/--(?:color-)?([\w-]+):\s*light-dark\((#\w{6}),\s*(#\w{6})\)/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }],
  ),
);

type Mode = 'light' | 'dark';

function resolveColour(name: string, mode: Mode): string {
  if (name.startsWith('#')) return name;
  const token = tokens.get(name);
  if (!token) throw new Error(`There is no colour ${name} in tokens.css`);
  return token[mode];
}

/** Relative luminance as WCAG 2 defines it. */
function computeLuminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function computeContrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [computeLuminance(one), computeLuminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const SURFACES = ['canvas', 'surface', 'sunken', 'active'];
const MEANINGS = ['ok', 'warn', 'danger', 'info', 'violet'];
const on = (names: string[], grounds: string[]) => names.flatMap((name) => grounds.map((ground) => [name, ground] as const));
const TEXT = [
  ...on(['fg', 'muted', 'subtle', 'accent-fg'], SURFACES),
  ...MEANINGS.map((name) => [`${name}-fg`, `${name}-bg`] as const),
  ...on(['#FFFFFF'], ['accent', 'accent-hover', 'danger']),
];
const SHAPES = [
  ...on(['control'], ['canvas', 'surface']),
  ...on(['ring'], SURFACES),
  ...on(MEANINGS, ['surface']),
  ...on(
    [1, 2, 3, 4, 5, 6].map((series) => `chart-${series}`),
    ['surface'],
  ),
];

test.each(['light', 'dark'] as const)('%s: text has a contrast of 4.5 and shapes of 3 on every ground they stand on', (mode) => {
  const weak = (pairs: readonly (readonly [string, string])[], least: number) =>
    pairs.filter(([name, ground]) => computeContrast(resolveColour(name, mode), resolveColour(ground, mode)) < least);
  expect(weak(TEXT, 4.5)).toEqual([]);
  expect(weak(SHAPES, 3)).toEqual([]);
});

test('the measure itself: black on white is 21, a colour on itself 1', () => {
  expect(computeContrast('#000000', '#FFFFFF')).toBeCloseTo(21);
  expect(computeContrast('#4653CF', '#4653CF')).toBe(1);
});
