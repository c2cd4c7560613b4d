// House rules that no stock rule knows. Both look at the functions of packages/services that authorise or open a transaction (`mutate`, `read`).
//
// verb-authorises-first: `authorize(…)` is a statement of the function's own body, and nothing is parsed and no database is touched before it.
// mutation-is-audited: what calls `mutate` writes its audit row in it, or says `{ audited: false }` (telemetry of agents and jobs).

/** `node` and everything below it, in the order of the source. */
function* walk(node) {
  if (node === null || typeof node !== 'object') return;
  if (typeof node.type === 'string') yield node;
  for (const key of Object.keys(node)) {
    if (key === 'parent') continue;
    const child = node[key];
    if (Array.isArray(child)) for (const item of child) yield* walk(item);
    else yield* walk(child);
  }
}

const contains = (node, test) => [...walk(node)].some(test);
const nameOf = (node) => (node?.type === 'Identifier' ? node.name : undefined);
const calls =
  (...names) =>
  (node) =>
    node.type === 'CallExpression' && names.includes(nameOf(node.callee));
const callsMethod =
  (...names) =>
  (node) =>
    node.type === 'CallExpression' && node.callee.type === 'MemberExpression' && names.includes(nameOf(node.callee.property));
const declares = (name) => (node) => node.type === 'Property' && nameOf(node.key) === name;
const reads = (name) => (node) => node.type === 'MemberExpression' && nameOf(node.property) === name;

/** What must not come before authorize(): the first that matches names the step in the message. */
const STEPS = [
  { step: 'mutate() is called', tests: [calls('mutate')] },
  { step: 'the database is read', tests: [calls('read', 'runInTenant'), reads('db')] },
  { step: 'the input is parsed', tests: [calls('parseInput'), callsMethod('parse', 'safeParse')] },
];

const inVerbs = (filename) =>
  /packages\/services\/src\/(?:[a-z-]+\/)+[a-z-]+\.ts$/.test(filename) || filename.includes('/tools/gates/canary/lint/');

/** A rule that checks every function whose body satisfies `applies`; `check` returns what is wrong with it, or undefined. */
const ruleFor = (applies, check) => ({
  meta: { type: 'problem', schema: [] },
  create: (context) => ({
    FunctionDeclaration(fn) {
      if (!inVerbs(context.filename) || !fn.body || !contains(fn.body, applies)) return;
      const message = check(fn.body);
      if (message) context.report({ node: fn, message });
    },
  }),
});

const authorisesFirst = ruleFor(calls('mutate', 'read', 'authorize'), (body) => {
  const own = body.body.find((statement) => statement.type === 'ExpressionStatement' && calls('authorize')(statement.expression));
  if (!own) return 'A verb must call authorize() in its own body, unconditionally.';
  const before = [...walk(body)].filter((node) => node.range[0] < own.range[1]);
  const broken = STEPS.find(({ tests }) => before.some((node) => tests.some((test) => test(node))));
  return broken && `A verb must call authorize() before ${broken.step}.`;
});

const isAudited = (body) => [callsMethod('audit'), calls('audit'), declares('audited')].some((test) => contains(body, test));
const audited = ruleFor(calls('mutate'), (body) =>
  isAudited(body) ? undefined : 'A verb that calls mutate() must write its audit row in it, or say { audited: false }.',
);

export default {
  meta: { name: 'gatehouse' },
  rules: { 'verb-authorises-first': authorisesFirst, 'mutation-is-audited': audited },
};
