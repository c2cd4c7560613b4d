/** Where things went wrong: the customer's network, the agent, the upstream server, or us. */
export type Fault = 'agent' | 'server' | 'network' | 'console';

export interface Advice {
  fault: Fault;
  /** what happened, in words */
  happened: string;
  /** what to do */
  todo: string;
}

const FALLBACK: Advice = {
  fault: 'agent',
  happened: 'The agent stopped with an error it does not know.',
  todo: 'Look at the log of the agent, then try again.',
};

/** By error code of a discovery (DiscoveryErrorCode of the agent link). The raw text is always shown beside it. */
const ADVICE: Readonly<Record<string, Advice>> = {
  guardrail: {
    fault: 'agent',
    happened: 'The guardrails of the agent do not allow this.',
    todo: 'On the machine of the agent, add the host or the stdio entry to guardrails.yaml and restart the agent. The console cannot change guardrails.',
  },
  credential_unavailable: {
    fault: 'agent',
    happened: 'The site does not offer this credential to this address, or it cannot be used.',
    todo: 'On the machine of the agent, put it where the message says, then try again. Variables and guardrails are read when the agent starts. The console cannot offer a credential.',
  },
  unreachable: {
    fault: 'network',
    happened: 'The server cannot be reached, or says that it is not available.',
    todo: 'Check that the server runs and that a firewall or proxy between the agent and it lets the connection through.',
  },
  unauthorized: {
    fault: 'server',
    happened: 'The server wants a sign-in. This does not mean that it has no tools.',
    todo: 'Add a credential, or check that the one the reference leads to is still valid.',
  },
  not_mcp: {
    fault: 'server',
    happened: 'What answers at this address does not speak MCP as this agent knows it.',
    todo: 'Check the path of the URL: many servers answer at /mcp, and redirects are not followed. If the path is right, its owner has to look at what stands below.',
  },
  timeout: {
    fault: 'server',
    happened: 'The server did not answer in time.',
    todo: 'Check whether it is starting or overloaded, then try again.',
  },
  too_large: {
    fault: 'server',
    happened: 'The server sent more than an agent accepts.',
    todo: 'Ask its owner to offer fewer tools or shorter descriptions, or split it into several servers.',
  },
  bad_signature: {
    fault: 'console',
    happened: 'The agent does not accept the signature of this order.',
    todo: 'The agent may have joined another workspace. Enrol it again.',
  },
  expired: {
    fault: 'agent',
    happened: 'The agent did not pick the order up in time.',
    todo: 'Check on the Agents page that it is connected, then try again.',
  },
};

export function getAdvice(code: string | null): Advice {
  return (code !== null && ADVICE[code]) || FALLBACK;
}
