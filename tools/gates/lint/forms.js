const BARE_FIELD = /\/ui\/form\/(?:checkbox|choice|combobox|input|select)\.tsx$/;

/**
 * What the browser sends comes from a form with a schema, so its fields stand in one. A file that changes nothing has fields of its own:
 * a filter, or an editor that hands its draft up.
 */
export const mutationHasForm = {
  meta: { type: 'problem', schema: [] },
  create: (context) => {
    if (!/apps\/console\/src\/features\//.test(context.filename)) return {};
    const used = new Set();
    const bare = [];
    return {
      ImportDeclaration(node) {
        if (BARE_FIELD.test(node.source.value)) bare.push(node);
        for (const { imported } of node.specifiers) used.add(imported?.name);
      },
      'Program:exit'() {
        if (!used.has('useMutation') || used.has('useSchemaForm')) return;
        for (const node of bare)
          context.report({ node, message: 'A field whose value is sent stands in a form: use useSchemaForm and its fields.' });
      },
    };
  },
};
