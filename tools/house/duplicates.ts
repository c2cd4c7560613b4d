import type { LineShape } from './line-shapes.ts';

/** A file's lines as they are compared. */
export interface ShapedFile {
  path: string;
  lines: readonly LineShape[];
}

/** From the first line of a run to its last. */
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

interface Window {
  file: number;
  at: number;
}

interface Run {
  files: readonly [number, number];
  /** index of the first compared line in each file */
  at: readonly [number, number];
  length: number;
}

/** Every pair, the one that shares most first. Windows of six lines that follow each other in both files are one run. */
export function findDuplicates(files: readonly ShapedFile[]): DuplicatePair[] {
  const pairs = Map.groupBy(findRuns(files), ({ files: [a, b] }) => `${a} ${b}`);
  return [...pairs.values()]
    .map((runs) => {
      const longest = runs.reduce((best, run) => (run.length > best.length ? run : best));
      const place = (side: 0 | 1) => placeOf(files[longest.files[side]], longest.at[side], longest.length);
      const places: DuplicatePair['places'] = [place(0), place(1)];
      return { places, shared: runs.reduce((sum, { length }) => sum + length, 0) };
    })
    .toSorted((a, b) => b.shared - a.shared);
}

function placeOf(file: ShapedFile | undefined, at: number, length: number): Place {
  return { path: file?.path ?? '', from: file?.lines[at]?.line ?? 0, to: file?.lines[at + length - 1]?.line ?? 0 };
}

function findRuns(files: readonly ShapedFile[]): Run[] {
  const runs: Run[] = [];
  /** runs by files and distance between their two sides: the next window of a run continues it */
  const open = new Map<string, Run>();
  for (const [a, b] of equalWindows(files).toSorted(inOrder)) {
    const key = `${a.file} ${b.file} ${b.at - a.at}`;
    const run = open.get(key);
    if (run && a.at === run.at[0] + run.length - RUN + 1) run.length += 1;
    else {
      const started: Run = { files: [a.file, b.file], at: [a.at, b.at], length: RUN };
      open.set(key, started);
      runs.push(started);
    }
  }
  return runs;
}

function inOrder([a]: readonly [Window, Window], [b]: readonly [Window, Window]): number {
  return a.file - b.file || a.at - b.at;
}

/** Two windows of equal lines each, the earlier first; windows of one file that overlap are not two places. */
function equalWindows(files: readonly ShapedFile[]): Array<readonly [Window, Window]> {
  const windows = files.flatMap(({ lines }, file) =>
    lines.slice(RUN - 1).map((_, at) => ({ file, at, shapes: lines.slice(at, at + RUN).map(({ shape }) => shape) })),
  );
  const varied = windows.filter(({ shapes }) => new Set(shapes).size >= SHAPES);
  const places = Map.groupBy(varied, ({ shapes }) => shapes.join('\n'));
  const repeated = [...places.values()].filter(({ length }) => length > 1 && length <= IDIOM);
  return repeated.flatMap((same) =>
    same.flatMap((a, index) =>
      same
        .slice(index + 1)
        .filter((b) => a.file !== b.file || b.at - a.at >= RUN)
        .map((b) => [a, b] as const),
    ),
  );
}
