const METHOD =
  /^(?:tools|prompts|resources|notifications|completion|logging|sampling|elicitation|roots|subscriptions)\/[a-z_/]+$/i;

/** The agent's wire/ is where the words of the protocol are written: elsewhere a slip in one would be a method that nobody knows. */
export const mcpMethodIsNamed = {
  meta: { type: 'problem', schema: [] },
  create: (context) => {
    if (!/apps\/agent\/src\/(?!wire\/)/.test(context.filename)) return {};
    const check = (node, text) => {
      if (METHOD.test(text)) context.report({ node, message: 'Name the method by METHOD or NOTIFICATION of wire/.' });
    };
    return {
      Literal: (node) => check(node, node.value),
      TemplateLiteral(node) {
        const [only, ...more] = node.quasis;
        if (more.length === 0) check(node, only.value.cooked);
      },
    };
  },
};
