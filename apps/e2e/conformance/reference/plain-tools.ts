import { setTimeout as delay } from 'node:timers/promises';

import { fromJsonSchema, type McpServer, type ServerContext, type ServerNotifier } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { createEmbeddedResource, image, createTextContent, WAV } from './content.ts';

/** How the server tells its clients that a list changed; HTTP and stdio do it differently. */
export type ChangeNotices = Pick<ServerNotifier, 'toolsChanged' | 'promptsChanged'>;

/** JSON Schema of the keywords that a relay must leave alone. */
const RICH_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object' as const,
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // `then` is a keyword of JSON Schema here; nothing awaits this object.
  // oxlint-disable-next-line unicorn/no-thenable
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

/** Tools that answer at once: every kind of content, an error, and a schema that uses the rarer keywords. */
export function addContentTools(server: McpServer): void {
  const add = (name: string, description: string, content: Parameters<typeof answer>[0]) =>
    server.registerTool(name, { description }, () => answer(content));
  const answer = (
    content: (ReturnType<typeof createTextContent> | typeof image | ReturnType<typeof createEmbeddedResource> | typeof AUDIO)[],
  ) => ({
    content,
  });

  add('test_simple_text', 'Answers with one text', [createTextContent('This is a simple text response for testing.')]);
  add('test_image_content', 'Answers with one image', [image]);
  add('test_audio_content', 'Answers with one sound', [AUDIO]);
  add('test_embedded_resource', 'Answers with one embedded resource', [
    createEmbeddedResource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
  ]);
  add('test_multiple_content_types', 'Answers with text, image and resource', [
    createTextContent('Multiple content types test:'),
    image,
    createEmbeddedResource('test://mixed-content-resource', 'application/json', JSON.stringify({ test: 'data', value: 123 })),
  ]);
  server.registerTool('test_error_handling', { description: 'Always fails' }, () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'Takes arguments of a schema with 2020-12 keywords', inputSchema: fromJsonSchema(RICH_SCHEMA) },
    (input) => answer([createTextContent(`Received ${JSON.stringify(input)}`)]),
  );
  server.registerTool(
    'test_custom_headers',
    {
      description: 'Takes one argument that clients mirror into a header',
      inputSchema: z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }) }),
    },
    ({ region }) => answer([createTextContent(`Region ${region}`)]),
  );
}

const AUDIO = { type: 'audio' as const, data: WAV, mimeType: 'audio/wav' };

/** Tools that send notifications while they run, or tell of changed lists. */
export function addNotifyingTools(server: McpServer, changes: ChangeNotices): void {
  const log = async (ctx: ServerContext) => {
    for (const [step, message] of ['Tool execution started', 'Tool processing data', 'Tool execution completed'].entries()) {
      if (step > 0) await delay(50, undefined, { signal: ctx.mcpReq.signal });
      await ctx.mcpReq.log('info', message, 'reference');
    }
    return { content: [createTextContent('Logged three messages')] };
  };
  server.registerTool('test_tool_with_logging', { description: 'Logs three messages' }, log);
  server.registerTool('test_logging_tool', { description: 'Logs three messages when the request asks for logs' }, log);
  server.registerTool('test_tool_with_progress', { description: 'Reports progress three times' }, async (ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined) {
        const params = { progressToken, progress, total: 100, message: `${progress} of 100` };
        await ctx.mcpReq.notify({ method: 'notifications/progress', params });
      }
      // Also after the last: a client of the 1.x SDK drops progress that it reads in one piece with the answer.
      await delay(50, undefined, { signal: ctx.mcpReq.signal });
    }
    return { content: [createTextContent('Reported progress')] };
  });
  server.registerTool('test_reconnection', { description: 'Closes its stream before it answers' }, async (ctx) => {
    ctx.http?.closeSSE?.();
    await delay(100, undefined, { signal: ctx.mcpReq.signal });
    return { content: [createTextContent('Answered after the stream was closed')] };
  });
  server.registerTool('test_trigger_tool_change', { description: 'Tells of a changed tool list' }, () => {
    changes.toolsChanged();
    return { content: [createTextContent('Told')] };
  });
  server.registerTool('test_trigger_prompt_change', { description: 'Tells of a changed prompt list' }, () => {
    changes.promptsChanged();
    return { content: [createTextContent('Told')] };
  });
}
