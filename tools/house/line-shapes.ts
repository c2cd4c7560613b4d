import ts from 'typescript';

import { getLine } from './parse.ts';

/** A line of code with names, strings and numbers taken out. */
export interface LineShape {
  /** from 1 */
  line: number;
  shape: string;
}

const WORD = /[a-z]/;

/** Lines in order, without imports, comments, blank lines and lines that hold nothing but punctuation. */
export function readLineShapes(source: ts.SourceFile): LineShape[] {
  const shapes = new Map<number, string>();
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || (ts.isExportDeclaration(node) && node.moduleSpecifier)) return;
    const children = node.getChildren(source);
    if (children.length > 0) return children.forEach(visit);
    const token = toShape(node, source);
    if (token === '') return;
    const line = getLine(source, node.getStart(source));
    shapes.set(line, `${shapes.get(line) ?? ''}${token} `);
  };
  source.statements.forEach(visit);
  return [...shapes].filter(([, shape]) => WORD.test(shape)).map(([line, shape]) => ({ line, shape }));
}

/** Keywords and punctuation as they are, everything that can be named or valued by its kind. */
function toShape(node: ts.Node, source: ts.SourceFile): string {
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) return 'name';
  if (ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node)) return 'text';
  if (ts.isNumericLiteral(node) || ts.isBigIntLiteral(node)) return 'number';
  if (ts.isRegularExpressionLiteral(node)) return 'pattern';
  if (ts.isJsxText(node)) return node.containsOnlyTriviaWhiteSpaces ? '' : 'text';
  return node.getText(source);
}
