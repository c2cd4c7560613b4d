import ts from 'typescript';

const RUNNERS = ['test', 'it', 'describe', 'suite'];
const GROUPS = ['describe', 'suite'];
const DEAD = ['skip', 'todo', 'fixme'];

/**
 * The titles of the tests that run, and of the groups that hold one: not what is skipped, planned, written in a comment, or asserts nothing.
 * An assertion is a call of `expect…` or `assert…`, in the test or in a function of its file that it calls.
 */
export function readLiveTitles(path: string, text: string): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true);
  const runners = new Set(RUNNERS);
  const asserting = findAssertingFunctions(source);
  const titles: string[] = [];
  let tests = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.initializer && runners.has(readChain(node.initializer).at(0) ?? '')) {
      // const drill = test.skipIf(…): a runner of its own name
      if (!isDead(node.initializer)) runners.add(node.name.getText());
    }
    if (ts.isCallExpression(node) && runners.has(readChain(node).at(0) ?? '') && isTitled(node)) {
      const isGroup = readChain(node).some((name) => GROUPS.includes(name));
      if (isDead(node.expression) || !hasLiveBody(node) || (!isGroup && !hasAssertion(node, asserting))) return;
      const [titlesBefore, testsBefore] = [titles.length, tests];
      titles.push(node.arguments[0]?.getText() ?? '', ...readRows(node.expression));
      if (!isGroup) tests += 1;
      ts.forEachChild(node, visit);
      if (tests === testsBefore) titles.length = titlesBefore;
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

/** Names of the file's own functions that assert something, also through each other. */
function findAssertingFunctions(source: ts.SourceFile): ReadonlySet<string> {
  const functions = new Map<string, ts.Node>();
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) && node.name) functions.set(node.name.text, node);
    if (ts.isVariableDeclaration(node) && node.initializer) functions.set(node.name.getText(), node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(source);
  const found = new Set<string>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const [name, body] of functions) if (hasAssertion(body, found)) found.add(name);
  }
  return found;
}

function hasAssertion(node: ts.Node, asserting: ReadonlySet<string>): boolean {
  const isAssertion = (name: string) => /^(?:expect|assert)/.test(name) || asserting.has(name);
  if (ts.isCallExpression(node) && readChain(node.expression).some(isAssertion)) return true;
  return ts.forEachChild(node, (child) => hasAssertion(child, asserting) || undefined) ?? false;
}

/** `test.each(rows).only` is test, each, only. Empty for what does not start with a name. */
function readChain(node: ts.Node): string[] {
  if (ts.isIdentifier(node)) return [node.text];
  if (ts.isPropertyAccessExpression(node)) return [...readChain(node.expression), node.name.text];
  if (ts.isCallExpression(node)) return readChain(node.expression);
  return ts.isTaggedTemplateExpression(node) ? readChain(node.tag) : [];
}

/** The texts of `test.each(rows)`, of which titles are made. */
function readRows(callee: ts.Expression): string[] {
  if (!ts.isCallExpression(callee) || readChain(callee).at(-1) !== 'each') return [];
  const texts: string[] = [];
  const visit = (node: ts.Node): void =>
    ts.isStringLiteralLike(node) ? void texts.push(node.text) : ts.forEachChild(node, visit);
  callee.arguments.forEach(visit);
  return texts;
}

function isTitled({ arguments: [title] }: ts.CallExpression): boolean {
  return title !== undefined && (ts.isStringLiteralLike(title) || ts.isTemplateExpression(title));
}

/** `.skip`, and conditions that are written as a constant; a condition on the machine is none. */
function isDead(callee: ts.Node): boolean {
  return readChain(callee).some((name) => DEAD.includes(name)) || /\.(?:skipIf\(true\)|runIf\(false\))/.test(callee.getText());
}

function hasLiveBody({ arguments: [, ...rest] }: ts.CallExpression): boolean {
  const body = rest.find((argument) => ts.isArrowFunction(argument) || ts.isFunctionExpression(argument))?.body;
  if (body === undefined || rest.some(isSwitchedOff)) return false;
  return !ts.isBlock(body) || (body.statements.length > 0 && !body.statements.some(isOwnSkip));
}

/** `{ skip: true }` beside the title. */
function isSwitchedOff(options: ts.Expression): boolean {
  return (
    ts.isObjectLiteralExpression(options) &&
    options.properties.some(
      (property) =>
        ts.isPropertyAssignment(property) &&
        DEAD.includes(property.name.getText()) &&
        property.initializer.kind !== ts.SyntaxKind.FalseKeyword,
    )
  );
}

/** `test.skip()` as a statement of its own; with a condition it may run. */
function isOwnSkip(statement: ts.Statement): boolean {
  if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) return false;
  const {
    expression,
    arguments: [condition],
  } = statement.expression;
  return (
    DEAD.includes(readChain(expression).at(-1) ?? '') &&
    (condition === undefined || condition.kind === ts.SyntaxKind.TrueKeyword || ts.isStringLiteralLike(condition))
  );
}
