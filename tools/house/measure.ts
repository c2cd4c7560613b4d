import { dirname } from 'node:path';

import { findDuplicates, type DuplicatePair } from './duplicates.ts';
import { findFunctions, type FunctionSpan } from './functions.ts';
import { readLineShapes } from './line-shapes.ts';
import { parse } from './parse.ts';
import { isTest, getWorkspace, type CodeFile } from './read-tree.ts';

/** Functions of the source over this many lines, and folders over this many files, are named. */
export const MOST_LINES = 60;
export const MOST_FILES = 20;

export interface LongFunction extends FunctionSpan {
  path: string;
}

/** Figures of one workspace, or of all. Lines are counted as they stand, blank ones and comments included. */
export interface Figures {
  /** of the source; tests are in `testLines` alone */
  files: number;
  medianLines: number;
  p90Lines: number;
  longFunctions: LongFunction[];
  /** pairs with at least one side here, in source or tests */
  duplicates: DuplicatePair[];
  /** folders of source or tests that hold too many files themselves */
  crowdedFolders: Array<{ path: string; files: number }>;
  testLines: number;
  sourceLines: number;
}

export interface House {
  total: Figures;
  workspaces: Map<string, Figures>;
}

/** Counts a whole tree. */
export function measureHouse(files: readonly CodeFile[]): House {
  const parsed = files.map((file) => ({ ...file, source: parse(file) }));
  const duplicates = findDuplicates(parsed.map(({ path, source }) => ({ path, lines: readLineShapes(source) })));
  const longFunctions = parsed
    .filter(({ path }) => !isTest(path))
    .flatMap(({ path, source }) => findFunctions(source).map((span) => ({ path, ...span })))
    .filter(({ length }) => length > MOST_LINES)
    .toSorted((a, b) => b.length - a.length);
  const computeFigures = (isIn: (path: string) => boolean): Figures => ({
    ...countLines(files.filter(({ path }) => isIn(path))),
    longFunctions: longFunctions.filter(({ path }) => isIn(path)),
    duplicates: duplicates.filter(({ places }) => places.some(({ path }) => isIn(path))),
  });
  const names = [...new Set(files.map(({ path }) => getWorkspace(path)))].toSorted();
  return {
    total: computeFigures(() => true),
    workspaces: new Map(names.map((name) => [name, computeFigures((path) => getWorkspace(path) === name)])),
  };
}

function countLines(files: readonly CodeFile[]) {
  const { test = [], source = [] } = Object.groupBy(files, ({ path }) => (isTest(path) ? 'test' : 'source'));
  const lines = source.map(countFileLines);
  const folders = [...Map.groupBy(files, ({ path }) => dirname(path))].map(([path, inside]) => ({ path, files: inside.length }));
  return {
    files: source.length,
    medianLines: computePercentile(lines, 0.5),
    p90Lines: computePercentile(lines, 0.9),
    crowdedFolders: folders.filter((folder) => folder.files > MOST_FILES).toSorted((a, b) => b.files - a.files),
    testLines: sum(test.map(countFileLines)),
    sourceLines: sum(lines),
  };
}

function countFileLines({ text }: CodeFile): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** By the nearest-rank method; 0 of none. */
export function computePercentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
