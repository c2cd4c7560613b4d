import {
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  inputResponse,
  type InputRequests,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';

import { createTextContent } from './content.ts';

type FormSchema = Parameters<typeof inputRequired.elicit>[0]['requestedSchema'];

const requests = {
  name: inputRequired.elicit({
    message: 'What is your name?',
    requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
  }),
  confirm: inputRequired.elicit({
    message: 'Please confirm',
    requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
  }),
  color: inputRequired.elicit({
    message: 'Step 2: What is your favorite color?',
    requestedSchema: { type: 'object', properties: { color: { type: 'string' } }, required: ['color'] },
  }),
  sample: (prompt: string, maxTokens: number) =>
    inputRequired.createMessage({ messages: [{ role: 'user', content: createTextContent(prompt) }], maxTokens }),
  roots: inputRequired.listRoots(),
};

/** What a request of 2026-07-28 says of its client; older clients say it once, when they initialize. */
const Envelope = z.object({
  [CLIENT_CAPABILITIES_META_KEY]: z
    .object({ elicitation: z.looseObject({}), sampling: z.looseObject({}), roots: z.looseObject({}) })
    .partial()
    .optional(),
});

const hasAnswer = (ctx: ServerContext, key: string) => inputResponse(ctx.mcpReq.inputResponses, key).kind !== 'missing';

const createTextResult = (value: string) => ({ content: [createTextContent(value)] });

/** The answers of this round as text, so that a test sees what arrived. */
const formatAnswers = (ctx: ServerContext) => JSON.stringify(ctx.mcpReq.inputResponses ?? {});

/**
 * Tools that ask the client back. In 2026-07-28 the question is the answer's `inputRequests`; towards older clients the SDK sends it as a
 * request of its own while the call waits.
 */
export function addAskingTools(server: McpServer): void {
  server.registerTool(
    'test_sampling',
    { description: 'Asks the client for a completion', inputSchema: z.object({ prompt: z.string() }) },
    ({ prompt }, ctx) => {
      const answer = inputResponse(ctx.mcpReq.inputResponses, 'completion');
      if (answer.kind !== 'sampling') return inputRequired({ inputRequests: { completion: requests.sample(prompt, 100) } });
      return createTextResult(`LLM response: ${JSON.stringify(answer.result.content)}`);
    },
  );
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the user for name and e-mail', inputSchema: z.object({ message: z.string() }) },
    ({ message }, ctx) =>
      elicit(ctx, message, {
        type: 'object',
        properties: {
          username: { type: 'string', description: "User's response" },
          email: { type: 'string', description: "User's email address" },
        },
        required: ['username', 'email'],
      }),
  );
  addForm(server, 'test_elicitation_sep1034_defaults', 'Asks with default values', {
    name: { type: 'string', description: 'User name', default: 'John Doe' },
    age: { type: 'integer', description: 'User age', default: 30 },
    score: { type: 'number', description: 'User score', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', description: 'Verification status', default: true },
  });
  const titled = (noun: string) =>
    ['First', 'Second', 'Third'].map((which, n) => ({ const: `value${n + 1}`, title: `${which} ${noun}` }));
  addForm(server, 'test_elicitation_sep1330_enums', 'Asks with every kind of choice', {
    untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    titledSingle: { type: 'string', oneOf: titled('Option') },
    legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
    untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
    titledMulti: { type: 'array', items: { anyOf: titled('Choice') } },
  });
  // Asks without looking at what the client declared: the SDK then answers with the error for a missing capability.
  server.registerTool('test_missing_capability', { description: 'Needs a client that can sample' }, (ctx) =>
    hasAnswer(ctx, 'completion')
      ? createTextResult(formatAnswers(ctx))
      : inputRequired({ inputRequests: { completion: requests.sample('Hello', 10) } }),
  );
  server.registerTool('test_streaming_elicitation', { description: 'Asks the user for a confirmation' }, (ctx) =>
    hasAnswer(ctx, 'confirm')
      ? createTextResult(formatAnswers(ctx))
      : inputRequired({ inputRequests: { confirm: requests.confirm } }),
  );
}

type FormProperties = Extract<FormSchema, { type: 'object' }>['properties'];

function addForm(server: McpServer, name: string, description: string, properties: FormProperties): void {
  server.registerTool(name, { description }, (ctx) =>
    elicit(ctx, 'Please fill in the form', { type: 'object', properties, required: [] }),
  );
}

function elicit(ctx: ServerContext, message: string, requestedSchema: FormSchema) {
  const answer = inputResponse(ctx.mcpReq.inputResponses, 'form');
  if (answer.kind !== 'elicit')
    return inputRequired({ inputRequests: { form: inputRequired.elicit({ message, requestedSchema }) } });
  return createTextResult(`Elicitation completed: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`);
}

/** Tools that answer with `input_required` in one or more rounds; the state between the rounds is sealed by `codec`. */
export function addInputRequiredTools(server: McpServer, codec: RequestStateCodec<string>): void {
  const add = (name: string, description: string, run: (ctx: ServerContext) => ReturnType<typeof oneRound>) =>
    server.registerTool(`test_input_required_result_${name}`, { description }, run);
  const oneRound = async (ctx: ServerContext, inputRequests: InputRequests, state?: string) => {
    if (Object.keys(inputRequests).every((key) => hasAnswer(ctx, key))) {
      return createTextResult(
        `${state !== undefined && ctx.mcpReq.requestState<string>() === state ? 'state-ok ' : ''}${formatAnswers(ctx)}`,
      );
    }
    return inputRequired({ inputRequests, ...(state !== undefined && { requestState: await codec.mint(state, ctx) }) });
  };

  add('elicitation', 'Asks for a name', (ctx) => oneRound(ctx, { user_name: requests.name }));
  add('sampling', 'Asks for a completion', (ctx) =>
    oneRound(ctx, { capital_question: requests.sample('What is the capital of France?', 100) }),
  );
  add('list_roots', 'Asks for the roots', (ctx) => oneRound(ctx, { client_roots: requests.roots }));
  add('request_state', 'Asks with a state', (ctx) => oneRound(ctx, { confirm: requests.confirm }, 'confirming'));
  add('tampered_state', 'Asks with a state that must come back unchanged', (ctx) =>
    oneRound(ctx, { confirm: requests.confirm }, 'guarded'),
  );
  add('multiple_inputs', 'Asks three things at once', (ctx) =>
    oneRound(
      ctx,
      { user_name: requests.name, greeting: requests.sample('Generate a greeting', 50), client_roots: requests.roots },
      'three',
    ),
  );
  add('multi_round', 'Asks twice', (ctx) =>
    ctx.mcpReq.requestState<string>() === undefined || !(hasAnswer(ctx, 'step1') || hasAnswer(ctx, 'step2'))
      ? oneRound(ctx, { step1: requests.name }, 'step1')
      : oneRound(ctx, { step2: requests.color }, 'step2'),
  );
  add('capabilities', 'Asks only what the client can answer', (ctx) => {
    const envelope = Envelope.parse(ctx.mcpReq.envelope ?? {});
    const declared = envelope[CLIENT_CAPABILITIES_META_KEY] ?? server.server.getClientCapabilities() ?? {};
    return oneRound(ctx, {
      ...(declared.elicitation && { user_name: requests.name }),
      ...(declared.sampling && { greeting: requests.sample('Generate a greeting', 50) }),
      ...(declared.roots && { client_roots: requests.roots }),
    });
  });
}

/** The request of `test_input_required_result_prompt`. */
export const promptContext = inputRequired.elicit({
  message: 'What context should the prompt use?',
  requestedSchema: { type: 'object', properties: { context: { type: 'string' } }, required: ['context'] },
});
