/** `node` and everything below it, in the order of the source. */
export function* walk(node) {
  if (node === null || typeof node !== 'object') return;
  if (typeof node.type === 'string') yield node;
  for (const key of Object.keys(node)) {
    if (key === 'parent') continue;
    const child = node[key];
    if (Array.isArray(child)) for (const item of child) yield* walk(item);
    else yield* walk(child);
  }
}

export const hasNode = (node, test) => [...walk(node)].some(test);
/** Of a name, or of a string that stands for one: `db` of `runtime.db` and of `runtime['db']`. */
export const getName = (node) => {
  if (node?.type === 'Identifier') return node.name;
  if (node?.type === 'TemplateLiteral' && node.quasis.length === 1) return node.quasis[0].value.cooked;
  return node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
};

/** The last name of what is called: `parse` of `Schema.parse(input)`. */
export const getCallee = ({ callee }) => getName(callee.type === 'MemberExpression' ? callee.property : callee);

/** A test of nodes: a call of one of `names`, as a function or as a method. */
export const isCallOf =
  (...names) =>
  (node) =>
    node.type === 'CallExpression' && names.includes(getCallee(node));

const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];

/** A rule that looks at each function that stands in no other, however it is written; `check` returns what is wrong with it, or undefined. */
export const createFunctionRule = (appliesTo, check) => ({
  meta: { type: 'problem', schema: [] },
  create: (context) => {
    if (!appliesTo(context.filename)) return {};
    let depth = 0;
    const enter = (fn) => {
      depth += 1;
      const message = depth === 1 && fn.body ? check(fn) : undefined;
      if (message) context.report({ node: fn, message });
    };
    const leave = () => {
      depth -= 1;
    };
    return Object.fromEntries(
      FUNCTIONS.flatMap((type) => [
        [type, enter],
        [`${type}:exit`, leave],
      ]),
    );
  },
});
