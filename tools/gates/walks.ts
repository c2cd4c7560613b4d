import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One walk through the code as docs/architecture.md tells it. Paths from the root of the repository. */
export interface Walk {
  title: string;
  /** how many files the text says that its steps name */
  said: number;
  /** in the order of the numbered steps */
  steps: string[];
  /** what the bullets after the steps name */
  leaves: string[];
}

/** The sections that say of how many files, "each once", their numbered steps are. */
export function readWalks(document: string): Walk[] {
  return document.split(/^## /m).flatMap((section) => {
    const said = /\b(\d+) files\b[^.]*, each once/.exec(section)?.[1];
    if (said === undefined) return [];
    const [introduction = '', ...steps] = section.split(/^\d+\. /m);
    const [last = '', ...after] = (steps.pop() ?? '').split('\n\n');
    const bullets = after.filter((paragraph) => paragraph.startsWith('- '));
    let source = '';
    const list = (text: string) =>
      [...text.matchAll(/`([\w./-]+)`/g)].flatMap(([, path = '']) => {
        if (/^(?:apps|packages)\/[\w-]+\/src$/.test(path)) source = path;
        if (!/\.tsx?$/.test(path)) return [];
        // one without a root is below the source folder that was named last
        return [/^(?:apps|packages)\//.test(path) ? path : `${source}/${path}`];
      });
    list(introduction);
    const title = section.split('\n', 1)[0] ?? '';
    return [{ title, said: Number(said), steps: [...steps, last].flatMap(list), leaves: bullets.flatMap(list) }];
  });
}

/** What is wrong with a walk by itself: files that are not there or are named twice, another number, a leaf that could call a step. */
export function findWalkProblems({ title, said, steps, leaves }: Walk, folder: string): string[] {
  const files = [...steps, ...leaves];
  const tell = (problem: string) => `docs/architecture.md: "${title}" ${problem}`;
  return [
    ...(steps.length === said ? [] : [tell(`says ${said} files and names ${steps.length}`)]),
    ...files.filter((file, index) => files.indexOf(file) !== index).map((file) => tell(`names ${file} twice`)),
    ...files.filter((file) => !existsSync(join(folder, file))).map((file) => tell(`names ${file}, which does not exist`)),
    ...leaves.flatMap((leaf) =>
      listImports(leaf, folder)
        .filter((imported) => steps.includes(imported))
        .map((step) => tell(`calls ${leaf} a leaf, which imports the step ${step}`)),
    ),
  ];
}

/** The files of the repository that a file imports for more than their types. */
function listImports(file: string, folder: string): string[] {
  if (!existsSync(join(folder, file))) return [];
  const imports = readFileSync(join(folder, file), 'utf8').matchAll(/^import (?!type )(?:[^'";]* from )?'([^']+)'/gm);
  return [...imports].flatMap(([, from = '']) => {
    if (from.startsWith('.')) return [join(dirname(file), from)];
    const [, name, path] = /^@gatehouse\/([\w-]+)\/(.+)$/.exec(from) ?? [];
    return name === undefined ? [] : [`packages/${name}/src/${path}.ts`];
  });
}
