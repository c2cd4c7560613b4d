import { isCallOf } from './syntax.js';

const PARSERS = ['parse', 'safeParse', 'parseAsync', 'safeParseAsync', 'parseInput', 'decode'];

/** `.input(Schema)` is the one place where a procedure's input is parsed, and the verb does so again: nothing is left to parse. */
export const procedureParsesNothing = {
  meta: { type: 'problem', schema: [] },
  create: (context) =>
    /apps\/console\/src\/server\/api\/routers\//.test(context.filename)
      ? {
          CallExpression(node) {
            if (isCallOf(...PARSERS)(node))
              context.report({ node, message: 'A procedure parses nothing: give the schema to .input().' });
          },
        }
      : {},
};
