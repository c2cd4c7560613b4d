const OURS = /(?:apps\/(?:agent|console|hub|worker)|packages\/[\w-]+)\/src\/(?!testing\/)/;
const ENTRY = /packages\/process\/src\/request-entry\.ts$/;
const EVENTS = new Set(['request', 'upgrade', 'checkContinue', 'checkExpectation']);
const LISTENS = new Set(['on', 'once', 'addListener', 'prependListener']);

const isFunction = ({ type }) => type === 'ArrowFunctionExpression' || type === 'FunctionExpression';

/** A server of ours is given its requests by serveRequests, because what another handler throws ends the process for everybody. */
export const requestHasEntry = {
  meta: { type: 'problem', schema: [] },
  create: (context) => {
    if (!OURS.test(context.filename) || ENTRY.test(context.filename)) return {};
    return {
      CallExpression(node) {
        const name = node.callee.property?.name ?? node.callee.name;
        const [first] = node.arguments;
        const isHandled = name === 'createServer' && node.arguments.some(isFunction);
        if (!isHandled && !(LISTENS.has(name) && EVENTS.has(first?.value))) return;
        context.report({ node, message: 'Requests are given to a server by serveRequests of @gatehouse/process/request-entry.' });
      },
    };
  },
};
