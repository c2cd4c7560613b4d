import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';

const NO_CODE_OF_OURS = /\/(?:node_modules|generated|canary)\//;
const CODE = ['{apps,packages}/*/src/**/*.{ts,tsx}', 'apps/e2e/*/**/*.{ts,tsx}', 'tools/*/**/*.{ts,js,mjs}'];

/** One folder, or several of one pattern (`<entity>`), that the tree of docs/architecture.md gives a sentence. Paths from the repository's root. */
interface Named {
  path: string;
  /** at the margin: where an app or package begins. Its sentence does not speak for the folders below it. */
  isRoot: boolean;
}

/** The folders of the fenced block under "## Folders". A line is `folder[, folder]`, two spaces, a sentence; it is indented below its root. */
function readTree(document: string): Named[] {
  const [, block = ''] = /^## Folders\n[^]*?```\n([^]*?)```/m.exec(document) ?? [];
  let root = '';
  return block.split('\n').flatMap((line) => {
    const [, indent = '', names = ''] = /^( *)(\S+(?:, \S+\/)*)  +\S/.exec(line) ?? [];
    if (names === '') return [];
    const isRoot = indent === '';
    if (isRoot) root = names.replace(/\/$/, '');
    const paths = isRoot ? [root] : names.split(', ').map((name) => join(root, name).replace(/\/$/, ''));
    return paths.flatMap(expandBraces).map((path) => ({ path, isRoot }));
  });
}

/** `a/{b,c}` as `a/b` and `a/c`. */
function expandBraces(path: string): string[] {
  const [, before = '', choices, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? [];
  return choices === undefined ? [path] : choices.split(',').map((choice) => `${before}${choice}${after}`);
}

/** What the tree tells that is not so: a folder that is not there, and a folder with code for which no sentence stands. */
export function findTreeProblems(document: string, folder: string): string[] {
  const named = readTree(document);
  const patterns = named.map(({ path, isRoot }) => {
    const pattern = path.replaceAll(/<[\w-]+>/g, '[^/]+');
    return new RegExp(`^${pattern}${isRoot ? '' : '(?:/.*)?'}$`);
  });
  const folders = new Set(
    globSync(CODE, { cwd: folder })
      .filter((path) => !NO_CODE_OF_OURS.test(path))
      .map(dirname),
  );
  return [
    ...named
      .filter(({ path }) => !path.includes('<') && !existsSync(join(folder, path)))
      .map(({ path }) => `docs/architecture.md: the tree names ${path}, which does not exist`),
    ...[...folders]
      .filter((path) => !patterns.some((pattern) => pattern.test(path)))
      .map((path) => `docs/architecture.md: the tree has no sentence for ${path}`),
  ];
}
