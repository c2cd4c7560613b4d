import ts from 'typescript';

import type { CodeFile } from './read-tree.ts';

export function parse({ path, text }: CodeFile): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true, path.endsWith('.tsx') ? ts.ScriptKind.TSX : undefined);
}

/** Line of a position, from 1. */
export function getLine(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1;
}
