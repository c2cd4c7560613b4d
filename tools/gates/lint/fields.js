/** State has one owner: only the class itself changes a field, others call a method that says what happened. Fakes are steered by tests. */
export const publicFieldIsReadonly = {
  meta: { type: 'problem', schema: [] },
  create: (context) => {
    if (!/\/src\/(?!testing\/)/.test(context.filename)) return {};
    return {
      PropertyDefinition(node) {
        const { key, readonly, accessibility } = node;
        if (readonly || key.type === 'PrivateIdentifier' || (accessibility && accessibility !== 'public')) return;
        context.report({
          node: key,
          message: 'A public field is readonly; make it private and give it a method that changes it.',
        });
      },
    };
  },
};
