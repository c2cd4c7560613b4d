import { FIRST_WORDS } from '../verbs.js';
import { getName } from './syntax.js';

const isTest = (filename) => /\/test\/|\.(?:test|spec)\.tsx?$/.test(filename);
/** Also one with a type after it: `(() => 1) satisfies Count`. */
const isFunctionValue = (node) => /^(?:Arrow)?FunctionExpression$/.test((node?.expression?.type ? node.expression : node)?.type);
const isAtModuleLevel = ({ parent }) =>
  parent.type === 'Program' || (parent.type.startsWith('Export') && parent.parent.type === 'Program');

/** A name with a capital is a component, a class or a route's method, and may be anything. */
export const functionStartsWithVerb = {
  meta: { type: 'suggestion', schema: [] },
  create: (context) => {
    if (isTest(context.filename)) return {};
    const check = (id) => {
      const name = id?.type === 'PrivateIdentifier' ? id.name : getName(id);
      const word = /^[a-z0-9]+/.exec(name ?? '')?.[0];
      if (word === undefined || FIRST_WORDS.has(word)) return;
      const message = `The name "${name}" begins with no verb of tools/gates/verbs.js. Begin it with one, or add "${word}" there.`;
      context.report({ node: id, message });
    };
    return {
      FunctionDeclaration(node) {
        if (isAtModuleLevel(node)) check(node.id);
      },
      VariableDeclaration(node) {
        if (isAtModuleLevel(node)) for (const { id, init } of node.declarations) if (isFunctionValue(init)) check(id);
      },
      MethodDefinition({ kind, key, computed }) {
        if (kind === 'method' && !computed) check(key);
      },
      PropertyDefinition({ key, value, computed }) {
        if (!computed && isFunctionValue(value)) check(key);
      },
    };
  },
};
