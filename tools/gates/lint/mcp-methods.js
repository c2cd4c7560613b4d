import { META, METHOD, NOTIFICATION } from '../../../apps/agent/src/wire/protocol.ts';

const GAP = '\0';
const METHODS = new Set([...Object.values(METHOD), ...Object.values(NOTIFICATION)]);
/** What stands before the slash, so that a method that the agent does not know yet is seen too: `tools/…`. */
const FAMILIES = new Set([...METHODS].filter((method) => method.includes('/')).map((method) => method.split('/')[0]));
const isMethod = (text) => METHODS.has(text) || (/^[a-z]+(?:\/[a-z_]+)+$/i.test(text) && FAMILIES.has(text.split('/')[0]));
/** `io.modelcontextprotocol/`: the protocol keeps it for itself. */
const RESERVED = new Set(Object.values(META).map((key) => key.slice(0, key.indexOf('/') + 1)));
const hasReservedKey = (text) => [...RESERVED].some((prefix) => text.includes(prefix));

/** The text of a string, or of strings that are added up; what is not known stands as a gap. */
const readText = (node) => {
  if (node.type === 'TemplateLiteral') return node.quasis.map(({ value }) => value.cooked).join(GAP);
  if (node.type === 'BinaryExpression' && node.operator === '+') return readText(node.left) + readText(node.right);
  return typeof node.value === 'string' ? node.value : GAP;
};

/** The agent's wire/ is where the words of the protocol are written: elsewhere a slip in one would be a method or key that nobody knows. */
export const mcpMethodIsNamed = {
  meta: { type: 'problem', schema: [] },
  create: (context) => {
    if (!/apps\/agent\/src\/(?!wire\/)/.test(context.filename)) return {};
    const check = (node) => {
      const text = readText(node);
      if (isMethod(text)) context.report({ node, message: 'Name the method by METHOD or NOTIFICATION of wire/.' });
      if (hasReservedKey(text)) context.report({ node, message: 'Name the key of _meta by META of wire/.' });
    };
    return { Literal: check, TemplateLiteral: check, BinaryExpression: check };
  },
};
