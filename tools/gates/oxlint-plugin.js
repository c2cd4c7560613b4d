// House rules that no stock rule knows.
//
// mutation-is-authorised-and-audited: a services verb that opens `mutate(` must call `authorize(` in the same function and write an
// audit row (`m.audit(` or `audit(`, or `{ audited: false }` for telemetry of agents and jobs) inside it.

/** True when `node` or anything below it satisfies `test`. */
function contains(node, test) {
  if (node === null || typeof node !== 'object') return false;
  if (typeof node.type === 'string' && test(node)) return true;
  for (const key of Object.keys(node)) {
    if (key === 'parent') continue;
    const child = node[key];
    if (Array.isArray(child) ? child.some((item) => contains(item, test)) : contains(child, test)) return true;
  }
  return false;
}

const calls = (name) => (node) =>
  node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === name;
const callsMethod = (name) => (node) =>
  node.type === 'CallExpression' &&
  node.callee.type === 'MemberExpression' &&
  node.callee.property.type === 'Identifier' &&
  node.callee.property.name === name;
const declares = (name) => (node) => node.type === 'Property' && node.key.type === 'Identifier' && node.key.name === name;

const rule = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    function check(fn) {
      if (!fn.body || !contains(fn.body, calls('mutate'))) return;
      if (!contains(fn.body, calls('authorize')))
        context.report({ node: fn, message: 'A verb that calls mutate() must call authorize() first.' });
      if (![callsMethod('audit'), calls('audit'), declares('audited')].some((test) => contains(fn.body, test)))
        context.report({
          node: fn,
          message: 'A verb that calls mutate() must write its audit row in it, or say { audited: false }.',
        });
    }
    const inVerbs =
      /packages\/services\/src\/[a-z-]+\/[a-z-]+\.ts$/.test(context.filename) || context.filename.includes('/canary/');
    return inVerbs ? { FunctionDeclaration: check } : {};
  },
};

export default { meta: { name: 'gatehouse' }, rules: { 'mutation-is-authorised-and-audited': rule } };
