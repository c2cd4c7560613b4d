import { getCallee, isCallOf, hasNode, getName, createFunctionRule, walk } from './syntax.js';

// In packages/services a function has to authorise when it takes a ServiceContext (unless its first parameter is a transaction that another
// function has opened), when it opens a transaction (`mutate`, `read`), and when it reaches the database in another way. The last is open to
// a function that takes a Runtime and no Actor: it runs before it is known who asks (sign-in, enrolment, jobs).

/** Two files make what the others reach the database with. */
const isInServices = (filename) => /packages\/services\/src\/(?!audit\/mutate\.ts|runtime\.ts)/.test(filename);

const getAnnotation = (parameter) => (parameter.left ?? parameter).typeAnnotation?.typeAnnotation;
const hasType = (type) => (parameter) =>
  hasNode(getAnnotation(parameter), (node) => node.type === 'TSTypeReference' && getName(node.typeName) === type);
const hasBinding = (name) => (parameter) =>
  hasNode({ ...(parameter.left ?? parameter), typeAnnotation: null }, (node) => getName(node) === name);

/** By its type, or by its name where the type is written elsewhere. A Pick of a context is too little to open a transaction with. */
const takesContext = ({ params }) =>
  params.some(
    (parameter) => (hasType('ServiceContext')(parameter) || hasBinding('ctx')(parameter)) && !hasType('Pick')(parameter),
  );
const isInTransaction = ({ params: [first] }) =>
  first !== undefined && ['Mutation', 'TenantTx'].includes(getName(getAnnotation(first)?.typeName));
const isBeforeActor = ({ params }) => params.some(hasType('Runtime')) && !params.some(hasType('Actor'));

const isOpening = isCallOf('mutate', 'read');
const isDatabase = (name) => ['db', 'prisma'].includes(getName(name));
/** By a call, by `runtime.db`, or by `{ db } = runtime`. */
const isReaching = (node) =>
  isCallOf('runInTenant', 'runInLookup')(node) ||
  (node.type === 'MemberExpression' && isDatabase(node.property)) ||
  (node.type === 'ObjectPattern' && node.properties.some(({ key }) => isDatabase(key)));

const hasToAuthorise = (fn) =>
  (takesContext(fn) && !isInTransaction(fn)) ||
  hasNode(fn.body, isOpening) ||
  (hasNode([fn.params, fn.body], isReaching) && !isBeforeActor(fn));

const WORK = ['CallExpression', 'NewExpression', 'TaggedTemplateExpression', 'ImportExpression'];
const isWork = (node) => WORK.includes(node.type) && !isCallOf('authorize', 'createContext')(node);
const describeWork = (node) => (node.callee ? `${getCallee(node) ?? 'a call'}()` : 'anything else');

/** All it does is to hand its context to a function that takes one, and so is held to the same rule. */
function isDelegate({ body }) {
  const [only, ...more] = body.type === 'BlockStatement' ? body.body : [{ type: 'ReturnStatement', argument: body }];
  const call = only?.type === 'ReturnStatement' && only.argument;
  return (
    more.length === 0 &&
    call?.type === 'CallExpression' &&
    call.callee.type === 'Identifier' &&
    !isOpening(call) &&
    !isReaching(call) &&
    getName(call.arguments[0]) === 'ctx' &&
    !hasNode(call.arguments, isWork)
  );
}

export const verbAuthorisesFirst = createFunctionRule(isInServices, (fn) => {
  if (!hasToAuthorise(fn) || isDelegate(fn)) return;
  const statements = fn.body.type === 'BlockStatement' ? fn.body.body : [];
  const at = statements.findIndex(
    ({ type, expression }) => type === 'ExpressionStatement' && isCallOf('authorize')(expression) && getName(expression.callee),
  );
  if (at === -1) return 'A verb must call authorize() in its own body, unconditionally.';
  const early = [...walk(fn.params), ...walk(statements.slice(0, at + 1))].find(isWork);
  if (early) return `A verb must call authorize() before ${describeWork(early)}.`;
  if (statements.slice(0, at).some(({ type }) => type !== 'VariableDeclaration'))
    return 'A verb must call authorize() before it branches.';
});

const isAudited = (node) =>
  isCallOf('audit')(node) || (node.type === 'Property' && getName(node.key) === 'audited' && node.value.value === false);

export const mutationIsAudited = createFunctionRule(isInServices, ({ body }) =>
  [...walk(body)].some((node) => isCallOf('mutate')(node) && !hasNode(node.arguments, isAudited))
    ? 'A verb that calls mutate() must write its audit row in it, or say { audited: false }.'
    : undefined,
);

const HELD_NAMES = ['authorize', 'mutate', 'read', 'runInTenant', 'runInLookup'];

/** The two rules above go by names: what they look for is imported under its own name, and nothing else in services has it. */
export const authorisationKeepsItsNames = {
  meta: { type: 'problem', schema: [] },
  create: (context) => {
    if (!isInServices(context.filename) || context.filename.endsWith('/authz.ts')) return {};
    const report = (node, name) =>
      context.report({ node, message: `The lint rules know ${name} by its name: it has no other, and nothing else has it.` });
    const reportIfHeld = ({ id }) => HELD_NAMES.includes(getName(id)) && report(id, getName(id));
    return {
      ImportSpecifier({ imported, local }) {
        const names = [getName(imported), getName(local)];
        const held = names.find((name) => HELD_NAMES.includes(name));
        if (held && names[0] !== names[1]) report(local, held);
      },
      ExportSpecifier({ local, exported }) {
        const names = [getName(local), getName(exported)];
        const held = names.find((name) => HELD_NAMES.includes(name));
        if (held && names[0] !== names[1]) report(exported, held);
      },
      FunctionDeclaration: reportIfHeld,
      VariableDeclarator(node) {
        reportIfHeld(node);
        if (HELD_NAMES.includes(getName(node.init))) report(node.init, getName(node.init));
      },
      ObjectPattern({ properties }) {
        for (const { key, value } of properties)
          if (HELD_NAMES.includes(getName(key)) && getName(value) !== getName(key)) report(key, getName(key));
      },
    };
  },
};
