import type { LineShape } from './line-shapes.ts';

/** A file's lines as they are compared. */
export interface ShapedFile {
  path: string;
  lines: readonly LineShape[];
}

/** Lines of a file, the first and the last included. */
export interface Place {
  path: string;
  from: number;
  to: number;
}

/** Two files, or one file twice, that share runs of equally shaped lines. */
export interface DuplicatePair {
  /** where the longest of the runs stands in each */
  places: readonly [Place, Place];
  /** compared lines of all runs together */
  shared: number;
}

/** Lines that make a run. */
export const RUN = 6;
/** Lines that stand in more places than this are an idiom, not a copy. */
export const IDIOM = 8;
/** Lines of fewer different shapes than this are a list: its members look alike, which is no repetition. */
export const SHAPES = 3;

/** Six lines that follow each other; `at` is the index of the first among the compared lines of the file. */
interface Window extends Place {
  at: number;
}

type WindowPair = readonly [Window, Window];

interface Run {
  places: readonly [Place, Place];
  /** compared lines */
  length: number;
}

/** Every pair, the one that shares most first. */
export function findDuplicates(files: readonly ShapedFile[]): DuplicatePair[] {
  const pairs = Map.groupBy(findRuns(files), ({ places: [a, b] }) => `${a.path} ${b.path}`);
  return [...pairs.values()]
    .map((runs) => {
      const { places } = runs.reduce((longest, run) => (run.length > longest.length ? run : longest));
      return { places, shared: runs.reduce((sum, { length }) => sum + length, 0) };
    })
    .toSorted((a, b) => b.shared - a.shared);
}

/** Equal windows that are equally far apart in the same two files may follow each other in both: then they are one run. */
function findRuns(files: readonly ShapedFile[]): Run[] {
  const apart = Map.groupBy(findEqualWindows(files), ([a, b]) => `${a.path} ${b.path} ${b.at - a.at}`);
  return [...apart.values()].flatMap(joinWindows);
}

function joinWindows(pairs: readonly WindowPair[]): Run[] {
  const runs: Run[] = [];
  let end = -1;
  for (const [a, b] of pairs.toSorted(([one], [other]) => one.at - other.at)) {
    const last = runs.at(-1);
    if (last && a.at === end + 1) {
      last.places[0].to = a.to;
      last.places[1].to = b.to;
      last.length += 1;
    } else {
      runs.push({ places: [toPlace(a), toPlace(b)], length: RUN });
    }
    end = a.at;
  }
  return runs;
}

function toPlace({ path, from, to }: Window): Place {
  return { path, from, to };
}

/** Windows of equal lines, two by two, in the order of the files. Those of one file that overlap are not two places. */
function findEqualWindows(files: readonly ShapedFile[]): WindowPair[] {
  const repeated = [...Map.groupBy(files.flatMap(listWindows), ({ shapes }) => shapes.join('\n')).values()];
  return repeated
    .filter(({ length }) => length <= IDIOM)
    .flatMap((same) => same.flatMap((a, index) => same.slice(index + 1).map((b) => [a, b] as const)))
    .filter(([a, b]) => a.path !== b.path || b.at - a.at >= RUN);
}

function listWindows({ path, lines }: ShapedFile) {
  return lines
    .map(({ line }, at) => {
      const window = lines.slice(at, at + RUN);
      return { path, at, from: line, to: window.at(-1)?.line ?? line, shapes: window.map(({ shape }) => shape) };
    })
    .filter(({ shapes }) => shapes.length === RUN && new Set(shapes).size >= SHAPES);
}
