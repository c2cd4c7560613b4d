import { IDIOM, RUN, SHAPES } from './duplicates.ts';
import { MOST_FILES, MOST_LINES, type Figures, type House } from './measure.ts';

const HOW = `files, median, p90: source files and their lines, blank lines and comments included. Tests are not among them.
functions: functions of the source over ${MOST_LINES} lines, each with the functions inside it.
duplicates: pairs of files, or one file with itself, that share runs of at least ${RUN} lines of the same shape: names, strings and numbers
  may differ; imports, comments, blank lines and lone punctuation do not count. Left out are lines of fewer than ${SHAPES} different shapes
  in a row (lists) and what stands in more than ${IDIOM} places. A pair counts in the workspace of either side, and once in the total.
folders: folders that themselves hold more than ${MOST_FILES} files of code.
test:source: lines of tests (test/, testing/, *.test.ts, *.spec.ts, all of apps/e2e) per line of source.
Generated files and planted violations are not counted.`;

const LISTED_PAIRS = 10;

type Column = readonly [title: string, show: (figures: Figures) => string];

const COLUMNS: readonly Column[] = [
  ['files', ({ files }) => String(files)],
  ['median', ({ medianLines }) => String(medianLines)],
  ['p90', ({ p90Lines }) => String(p90Lines)],
  ['functions', ({ longFunctions }) => String(longFunctions.length)],
  ['duplicates', ({ duplicates }) => String(duplicates.length)],
  ['folders', ({ crowdedFolders }) => String(crowdedFolders.length)],
  ['test:source', ({ testLines, sourceLines }) => (sourceLines === 0 ? '-' : (testLines / sourceLines).toFixed(2))],
];

/** The table, what it names, and how it was counted. With a tree before, each figure reads `before > now`. */
export function formatHouse(now: House, before: House | null): string {
  return [formatTable(now, before), ...formatNames(now.total, before ? ' now' : ''), HOW].join('\n\n');
}

function formatTable(now: House, before: House | null): string {
  const names = [...new Set([...(before?.workspaces.keys() ?? []), ...now.workspaces.keys()])].toSorted();
  const cells = (figures: Figures | undefined, was: Figures | undefined) =>
    COLUMNS.map(([, show]) => {
      const text = figures ? show(figures) : '-';
      return before ? `${was ? show(was) : '-'} > ${text}` : text;
    });
  const rows = [
    ['workspace', ...COLUMNS.map(([title]) => title)],
    ...names.map((name) => [name, ...cells(now.workspaces.get(name), before?.workspaces.get(name))]),
    ['total', ...cells(now.total, before?.total)],
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function formatNames({ longFunctions, crowdedFolders, duplicates }: Figures, when: string): string[] {
  const functions = longFunctions.map(({ path, line, name, length }) => `  ${path}:${line} ${name}, ${length} lines`);
  const folders = crowdedFolders.map(({ path, files }) => `  ${path}, ${files} files`);
  const pairs = duplicates.slice(0, LISTED_PAIRS).map(({ places, shared }) => {
    const [first, second] = places.map(({ path, from, to }) => `${path}:${from}-${to}`);
    return `  ${first} ~ ${second}, ${shared} lines shared`;
  });
  const section = (title: string, lines: readonly string[]) =>
    [`${title}${when}:`, ...(lines.length > 0 ? lines : ['  none'])].join('\n');
  return [
    section(`Functions over ${MOST_LINES} lines`, functions),
    section(`Folders over ${MOST_FILES} files`, folders),
    section(`Duplicates, the ${LISTED_PAIRS} largest of ${duplicates.length}`, pairs),
  ];
}
