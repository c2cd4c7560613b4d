import { getCallee, isCallOf } from './syntax.js';

const PARSERS = ['parse', 'safeParse', 'parseAsync', 'safeParseAsync', 'spa', 'parseInput', 'decode', 'Number'];
// A schema made here is not the verb's own.
const BUILDERS = ['pick', 'omit', 'extend', 'partial', 'transform', 'refine', 'pipe'];

/** `.input(Schema)` is the one place where a procedure's input is parsed, and the verb does so again: nothing is left to parse. */
export const procedureParsesNothing = {
  meta: { type: 'problem', schema: [] },
  create: (context) =>
    /apps\/console\/src\/server\/api\/routers\//.test(context.filename)
      ? {
          CallExpression(node) {
            if (isCallOf(...PARSERS)(node))
              context.report({ node, message: 'A procedure parses nothing: give the schema to .input().' });
            if (isCallOf(...BUILDERS)(node))
              context.report({ node, message: 'A procedure makes no schema: give that of the verb to .input().' });
          },
          NewExpression(node) {
            if (getCallee(node) === 'URL')
              context.report({ node, message: 'A procedure parses nothing: the verb reads addresses.' });
          },
        }
      : {},
};
