import { calleeOf, calls, contains, nameOf, ruleForFunctions, walk } from './syntax.js';

// What acts for somebody has to authorise: in packages/services that is every function that takes a ServiceContext, unless a transaction that
// another has opened comes first; that opens one (`mutate`, `read`); or that reaches the database in another way. What takes a Runtime and
// no Actor may do the last: it runs before anybody is known (sign-in, enrolment, jobs).

/** Two files make what the others reach the database with. */
const inServices = (filename) => /packages\/services\/src\/(?!audit\/mutate\.ts|runtime\.ts)/.test(filename);

const annotationOf = (parameter) => (parameter.left ?? parameter).typeAnnotation?.typeAnnotation;
const names = (type) => (parameter) =>
  contains(annotationOf(parameter), (node) => node.type === 'TSTypeReference' && nameOf(node.typeName) === type);
const binds = (name) => (parameter) =>
  contains({ ...(parameter.left ?? parameter), typeAnnotation: null }, (node) => nameOf(node) === name);

/** By type, or by name where the type is written elsewhere. A Pick is a part of a context and acts for nobody. */
const takesContext = ({ params }) =>
  params.some((parameter) => (names('ServiceContext')(parameter) || binds('ctx')(parameter)) && !names('Pick')(parameter));
const isInTransaction = ({ params: [first] }) =>
  first !== undefined && ['Mutation', 'TenantTx'].includes(nameOf(annotationOf(first)?.typeName));
const isBeforeAnybody = ({ params }) => params.some(names('Runtime')) && !params.some(names('Actor'));

const opens = calls('mutate', 'read');
const reaches = (node) =>
  calls('runInTenant', 'runInLookup')(node) ||
  (node.type === 'MemberExpression' && ['db', 'prisma'].includes(nameOf(node.property)));

const actsForSomebody = (fn) =>
  (takesContext(fn) && !isInTransaction(fn)) || contains(fn.body, opens) || (contains(fn.body, reaches) && !isBeforeAnybody(fn));

/** All it does is to hand its context to a function that takes one, and so is held to the same rule. */
function isDelegate({ body }) {
  const [only, ...more] = body.type === 'BlockStatement' ? body.body : [{ type: 'ReturnStatement', argument: body }];
  const call = only?.type === 'ReturnStatement' && only.argument;
  return (
    more.length === 0 &&
    call?.type === 'CallExpression' &&
    call.callee.type === 'Identifier' &&
    !opens(call) &&
    !reaches(call) &&
    nameOf(call.arguments[0]) === 'ctx'
  );
}

const WORK = ['CallExpression', 'NewExpression', 'TaggedTemplateExpression', 'ImportExpression'];
const isWork = (node) => WORK.includes(node.type) && !calls('authorize', 'createContext')(node);
const describe = (node) => (node.callee ? `${calleeOf(node) ?? 'a call'}()` : 'anything else');

export const verbAuthorisesFirst = ruleForFunctions(inServices, (fn) => {
  if (!actsForSomebody(fn) || isDelegate(fn)) return;
  const statements = fn.body.type === 'BlockStatement' ? fn.body.body : [];
  const at = statements.findIndex(
    ({ type, expression }) => type === 'ExpressionStatement' && calls('authorize')(expression) && nameOf(expression.callee),
  );
  if (at === -1) return 'A verb must call authorize() in its own body, unconditionally.';
  const early = [...walk(fn.params), ...walk(statements.slice(0, at + 1))].find(isWork);
  if (early) return `A verb must call authorize() before ${describe(early)}.`;
  if (statements.slice(0, at).some(({ type }) => type !== 'VariableDeclaration'))
    return 'A verb must call authorize() before it branches.';
});

const isAudited = (node) =>
  calls('audit')(node) || (node.type === 'Property' && nameOf(node.key) === 'audited' && node.value.value === false);

export const mutationIsAudited = ruleForFunctions(inServices, ({ body }) =>
  [...walk(body)].some((node) => calls('mutate')(node) && !contains(node.arguments, isAudited))
    ? 'A verb that calls mutate() must write its audit row in it, or say { audited: false }.'
    : undefined,
);
