import { completable, inputRequired, inputResponse, ResourceTemplate, type McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { promptContext } from './asking-tools.ts';
import { createEmbeddedResource, image, PNG, createTextContent } from './content.ts';

const createUserMessage = <T>(content: T) => ({ role: 'user' as const, content });

/** Prompts without and with arguments, with embedded content, with completion, and one that asks the user first. */
export function addPrompts(server: McpServer): void {
  server.registerPrompt('test_simple_prompt', { description: 'One message' }, () => ({
    messages: [createUserMessage(createTextContent('This is a simple prompt for testing.'))],
  }));
  const suggest = (value: string) => ['testValue1', 'testValue2', 'test3'].filter((word) => word.startsWith(value));
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'One message with two arguments',
      argsSchema: z.object({
        arg1: completable(z.string().describe('First test argument'), suggest),
        arg2: z.string().describe('Second test argument'),
      }),
    },
    ({ arg1, arg2 }) => ({
      messages: [createUserMessage(createTextContent(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))],
    }),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    {
      description: 'One embedded resource',
      argsSchema: z.object({ resourceUri: z.string().describe('URI of the resource to embed') }),
    },
    ({ resourceUri }) => ({
      messages: [
        createUserMessage(createEmbeddedResource(resourceUri, 'text/plain', 'Embedded resource content for testing.')),
        createUserMessage(createTextContent('Please process the embedded resource above.')),
      ],
    }),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'One image' }, () => ({
    messages: [createUserMessage(image), createUserMessage(createTextContent('Please analyze the image above.'))],
  }));
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks for a context first' }, (ctx) => {
    const answer = inputResponse(ctx.mcpReq.inputResponses, 'user_context');
    if (answer.kind !== 'elicit') return inputRequired({ inputRequests: { user_context: promptContext } });
    return { messages: [createUserMessage(createTextContent(`Context: ${JSON.stringify(answer.content ?? {})}`))] };
  });
}

/** Text, binary and watched resources, and one template. */
export function addResources(server: McpServer): void {
  const add = (name: string, mimeType: string, description: string, content: { text: string } | { blob: string }) =>
    server.registerResource(name, `test://${name}`, { title: name, description, mimeType }, (uri) => ({
      contents: [{ uri: uri.href, mimeType, ...content }],
    }));
  add('static-text', 'text/plain', 'A text', { text: 'This is the content of the static text resource.' });
  add('static-binary', 'image/png', 'An image', { blob: PNG });
  add('example-resource', 'text/plain', 'A text that prompts refer to', { text: 'Example resource content.' });
  add('watched-resource', 'text/plain', 'A text to subscribe to', { text: 'Watched resource content.' });
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { title: 'template', description: 'Data by id', mimeType: 'application/json' },
    (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
        },
      ],
    }),
  );
}
