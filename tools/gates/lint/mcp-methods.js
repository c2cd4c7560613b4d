const METHOD =
  /^(?:tools|prompts|resources|notifications|completion|logging|sampling|elicitation|roots|subscriptions)\/[a-z_/]+$/i;

/** The agent's wire/ is where the words of the protocol are written: elsewhere a slip in one would be a method that nobody knows. */
export const mcpMethodIsNamed = {
  meta: { type: 'problem', schema: [] },
  create: (context) =>
    /apps\/agent\/src\/(?!wire\/)/.test(context.filename)
      ? {
          Literal(node) {
            if (METHOD.test(node.value)) context.report({ node, message: 'Name the method by METHOD or NOTIFICATION of wire/.' });
          },
        }
      : {},
};
