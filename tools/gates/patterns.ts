import { resolve } from 'node:path';

import ts from 'typescript';

import { getLine, parse } from '../house/parse.ts';
import { isTest, readWorkingTree, type CodeFile } from '../house/read-tree.ts';
import { root as repository } from '../local/settings.ts';

// A long regular expression is a rule, and a rule stands in one file that others import: of two copies only one is mended.
// An optional argument names another root folder.

/** Shorter ones are alike by chance, characters. */
const MIN_LENGTH = 20;

interface Place {
  pattern: string;
  path: string;
  line: number;
}

/** The regular expressions of a file that are long enough. */
function listPatterns(file: CodeFile): Place[] {
  const source = parse(file);
  const found: Place[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node) && node.text.length >= MIN_LENGTH) {
      found.push({ pattern: node.text, path: file.path, line: getLine(source, node.getStart()) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const sources = readWorkingTree(resolve(process.argv[2] ?? repository)).filter(({ path }) => !isTest(path));
const places = Map.groupBy(sources.flatMap(listPatterns), ({ pattern }) => pattern);
const repeated = [...places].filter(([, found]) => new Set(found.map(({ path }) => path)).size > 1);
for (const [pattern, found] of repeated) {
  process.stdout.write(`${pattern} stands in ${found.map(({ path, line }) => `${path}:${line}`).join(' and ')}\n`);
}
process.stdout.write(`${sources.length} files, ${repeated.length} regular expressions that stand in several\n`);
process.exitCode = repeated.length === 0 ? 0 : 1;
