import { getCallee, getName, isCallOf } from './syntax.js';

const PARSERS = [
  'parse',
  'safeParse',
  'parseAsync',
  'safeParseAsync',
  'spa',
  'parseInput',
  'decode',
  'Number',
  'parseInt',
  'parseFloat',
];
// A schema made here is not the verb's own.
const BUILDERS = ['pick', 'omit', 'extend', 'partial', 'transform', 'refine', 'pipe'];

const PARSES = 'A procedure parses nothing: give the schema to .input().';

/** `.input(Schema)` says what a procedure takes, and the verb parses it once it has asked for the role: nothing is left to parse. */
export const procedureParsesNothing = {
  meta: { type: 'problem', schema: [] },
  create: (context) =>
    /apps\/console\/src\/server\/api\/routers\//.test(context.filename)
      ? {
          CallExpression(node) {
            if (isCallOf(...PARSERS)(node)) context.report({ node, message: PARSES });
            if (isCallOf(...BUILDERS)(node))
              context.report({ node, message: 'A procedure makes no schema: give that of the verb to .input().' });
          },
          // under another name: import { parse as read }, const { parse: read } = Schema, const read = Schema.parse
          ImportSpecifier({ imported }) {
            if (PARSERS.includes(getName(imported))) context.report({ node: imported, message: PARSES });
          },
          ObjectPattern({ properties }) {
            for (const { key } of properties) if (PARSERS.includes(getName(key))) context.report({ node: key, message: PARSES });
          },
          MemberExpression(node) {
            if (PARSERS.includes(getName(node.property)) && node.parent.callee !== node)
              context.report({ node, message: PARSES });
          },
          NewExpression(node) {
            if (getCallee(node) === 'URL')
              context.report({ node, message: 'A procedure parses nothing: the verb reads addresses.' });
          },
        }
      : {},
};
