import * as z from 'zod';

import { AgentMessage, DiscoveryResult, SucceededDiscovery } from './messages.ts';

const Definitions = z.array(z.unknown());

/** A result as agents of 0.1 send it: a list for each kind, and the instructions as a text that may be empty. Hubs of 0.2 are the last to read it. */
const EarlierResult = DiscoveryResult.extend({
  outcome: SucceededDiscovery.omit({ entries: true }).extend({
    instructions: z.string().nullable(),
    tools: Definitions,
    prompts: Definitions.default([]),
    resources: Definitions.default([]),
    resourceTemplates: Definitions.default([]),
  }),
});

/** Reads what agents of this version and of 0.1 send; the result has the present form. */
export const ReadableAgentMessage = z.preprocess((message) => {
  const earlier = EarlierResult.safeParse(message);
  return earlier.success ? toCurrentResult(earlier.data) : message;
}, AgentMessage);

function toCurrentResult({ outcome, ...result }: z.infer<typeof EarlierResult>): unknown {
  const { tools, prompts, resources, resourceTemplates, instructions, ...facts } = outcome;
  const entries = [
    ...tools.map((definition) => ({ kind: 'tool', definition })),
    ...prompts.map((definition) => ({ kind: 'prompt', definition })),
    ...resources.map((definition) => ({ kind: 'resource', definition })),
    ...resourceTemplates.map((definition) => ({ kind: 'template', definition })),
    ...(instructions ? [{ kind: 'instructions', definition: { text: instructions } }] : []),
  ];
  return { ...result, outcome: { ...facts, entries } };
}
