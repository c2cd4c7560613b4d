import { getName } from './syntax.js';

/** The benchmark and the database load builds of others whose place they learn when they run. */
const isSource = (filename) => /(?:apps|packages)\/(?!(?:bench|db)\/)[^/]+\/src\//.test(filename);
const MESSAGE =
  'Write out what is imported: the rules about who may import whom read the file, and see no name that is computed.';

/** The rules of .dependency-cruiser.cjs follow `import`, `export … from` and import() of a string, and nothing else. */
export const importIsWrittenOut = {
  meta: { type: 'problem', schema: [] },
  create: (context) =>
    isSource(context.filename)
      ? {
          ImportExpression(node) {
            if (getName(node.source) === undefined || node.source.type === 'Identifier')
              context.report({ node, message: MESSAGE });
          },
          ImportSpecifier(node) {
            if (getName(node.imported) === 'createRequire') context.report({ node, message: MESSAGE });
          },
          MemberExpression(node) {
            if (getName(node.property) === 'createRequire') context.report({ node, message: MESSAGE });
          },
        }
      : {},
};
