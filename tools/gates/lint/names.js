import { FIRST_WORDS, LIBRARY_NAMES } from '../verbs.js';
import { getName, isCallOf } from './syntax.js';

const isFunction = (node) => /^(?:Arrow)?FunctionExpression$/.test(node?.type);
/** Also one with a type after it: `(() => 1) satisfies Count`. */
const isFunctionValue = (node) => isFunction(node?.expression?.type ? node.expression : node);
const isFunctionType = (node) =>
  node?.type === 'TSFunctionType' || (node?.type === 'TSUnionType' && node.types.some((type) => isFunctionType(type)));
const isAtModuleLevel = ({ parent }) =>
  parent.type === 'Program' || (parent.type.startsWith('Export') && parent.parent.type === 'Program');

/** A table of functions: a constant in capitals, a Record, or the fixtures of `test.extend({ … })`. Its keys are data. */
const isTable = ({ parent }) => {
  if (isCallOf('extend')(parent)) return true;
  const declaration = parent.type === 'VariableDeclarator' ? parent : parent.parent;
  const type = parent.typeAnnotation ?? declaration.id?.typeAnnotation?.typeAnnotation;
  return /^[A-Z\d_]+$/.test(getName(declaration.id) ?? '') || getName(type?.typeName) === 'Record';
};

/** A name with a capital is a component, a class or a route's method, and may be anything. Names of one's own in a function are not held. */
export const functionStartsWithVerb = {
  meta: { type: 'suggestion', schema: [] },
  create: (context) => {
    const check = (id) => {
      const name = id?.type === 'PrivateIdentifier' ? id.name : getName(id);
      // a key such as 'tools/call' is data
      const word = /^([a-z0-9]+)\w*$/.exec(name ?? '')?.[1];
      if (word === undefined || (FIRST_WORDS.has(word) && name !== `${word}Of`)) return;
      const message = `The name "${name}" begins with no verb of tools/gates/verbs.js. Begin it with one, or add "${word}" there.`;
      context.report({ node: id, message });
    };
    const checkMember = ({ key, computed }) => {
      if (!computed && !LIBRARY_NAMES.has(getName(key))) check(key);
    };
    return {
      FunctionDeclaration(node) {
        if (isAtModuleLevel(node)) check(node.id);
      },
      VariableDeclaration(node) {
        if (isAtModuleLevel(node)) for (const { id, init } of node.declarations) if (isFunctionValue(init)) check(id);
      },
      MethodDefinition(node) {
        if (node.kind === 'method') checkMember(node);
      },
      PropertyDefinition(node) {
        if (isFunctionValue(node.value) || isFunctionType(node.typeAnnotation?.typeAnnotation)) checkMember(node);
      },
      TSMethodSignature(node) {
        if (node.kind === 'method') checkMember(node);
      },
      TSPropertySignature(node) {
        if (isFunctionType(node.typeAnnotation?.typeAnnotation)) checkMember(node);
      },
      Property(node) {
        if (node.kind === 'init' && isFunctionValue(node.value) && !isTable(node.parent)) checkMember(node);
      },
    };
  },
};
