import ts from 'typescript';

import { getLine } from './parse.ts';

export interface FunctionSpan {
  name: string;
  /** its first line, from 1 */
  line: number;
  /** lines from its first to its last, functions inside it included */
  length: number;
}

/** Every function with a body: declarations, expressions, arrows, methods, constructors and accessors. */
export function findFunctions(source: ts.SourceFile): FunctionSpan[] {
  const found: FunctionSpan[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const line = getLine(source, node.getStart(source));
      found.push({ name: getFunctionName(node), line, length: getLine(source, node.getEnd()) - line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Its own name, or that of the variable or property that it is assigned to. */
function getFunctionName(node: ts.SignatureDeclaration): string {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  if (node.name) return node.name.getText();
  const { parent } = node;
  return (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) && parent.name
    ? parent.name.getText()
    : 'anonymous';
}
