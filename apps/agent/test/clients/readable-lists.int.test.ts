import { expect, test } from 'vitest';

import { dropAbsentFields } from '@gatehouse/policy/documents/absent-fields';
import type { ResourceDefinition, ToolDefinition } from '@gatehouse/policy/documents/definition';
import { makeProfile, makeResource, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { connectV1, connectV2 } from '../support/clients/clients.ts';
import { startHttpOffer } from '../support/servers/offer.ts';
import { ECHO } from '../support/servers/upstreams.ts';

const CLIENTS = {
  'client 2.x on 2026-07-28': (url: string, secret: string) => connectV2(url, secret, { pin: '2026-07-28' }),
  'client 2.x on 2025-11-25': (url: string, secret: string) => connectV2(url, secret, 'legacy'),
  'client 1.x': connectV1,
};

/** Definitions of which one or the other client library throws away the whole list, with all that is sound in it. */
const POISON: Record<string, object> = {
  output_array: { outputSchema: { type: 'array', items: { type: 'string' } } },
  output_choice: { outputSchema: { oneOf: [{ type: 'object' }, { type: 'null' }] } },
  output_any_property: { outputSchema: { type: 'object', properties: { a: true } } },
  input_any_property: { inputSchema: { type: 'object', properties: { a: true } } },
  icons: { icons: 'picture.png' },
  icon_sizes: { icons: [{ src: 'https://example.com/i.png', sizes: '48x48' }] },
  meta: { _meta: 'mine' },
  execution: { execution: { taskSupport: 'sometimes' } },
  nulls: { title: null, description: null, annotations: null, outputSchema: null, icons: null, _meta: null, execution: null },
  null_hints: { annotations: { title: null, readOnlyHint: true } },
  null_required: { inputSchema: { type: 'object', properties: { a: { type: 'string' } }, required: null } },
};
const TOOLS = Object.entries(POISON).map(([name, rest]) => ({ name, inputSchema: { type: 'object' }, ...rest }));
const RESOURCES = [
  { uri: 'x:plain', name: 'plain' },
  { uri: 'x:poison', name: 'poison', size: 'many', annotations: { priority: 7, lastModified: 'yesterday', audience: 'all' } },
  { uri: 'x:nulls', name: 'nulls', title: null, mimeType: null, size: null, annotations: null },
];

/** A profile with everything of a server that lists what its clients cannot read beside what they can. */
async function startPoisoned(era: 'legacy' | 'modern') {
  const offered = { tools: [ECHO, ...TOOLS], prompts: [], resources: RESOURCES, resourceTemplates: [] };
  const { server, guardrails, overrides } = await startHttpOffer(era, offered);
  const profile = makeProfile([
    ...offered.tools.map((tool) => makeTool(server, dropAbsentFields('tool', tool) as ToolDefinition)),
    ...RESOURCES.map((resource) => makeResource(server, dropAbsentFields('resource', resource) as ResourceDefinition)),
  ]);
  return { ...(await startGateway({ servers: [server], profiles: [profile], guardrails })), overrides };
}

for (const era of ['legacy', 'modern'] as const)
  for (const [name, connect] of Object.entries(CLIENTS))
    test(`${name}: one definition of a ${era} server takes no other away, and each can be called`, async () => {
      const { url, secret } = await startPoisoned(era);
      const client = await connect(url, secret);
      const { tools } = await client.listTools();
      expect(tools.map((tool) => tool.name)).toEqual([ECHO.name, ...Object.keys(POISON)].toSorted());
      expect(tools.find((tool) => tool.name === ECHO.name)).toEqual(ECHO);
      const isOlder = name !== 'client 2.x on 2026-07-28';
      const array = tools.find((tool) => tool.name === 'output_array');
      expect({ outputSchema: array?.outputSchema }).toEqual(isOlder ? { outputSchema: undefined } : POISON['output_array']);
      const { resources } = await client.listResources();
      expect(resources).toEqual([
        { uri: 'x:nulls', name: 'nulls' },
        { uri: 'x:plain', name: 'plain' },
        { uri: 'x:poison', name: 'poison', annotations: {} },
      ]);
      for (const tool of ['nulls', 'null_required', 'icons']) {
        expect(await client.callTool({ name: tool, arguments: {} })).toMatchObject({ content: [{ text: 'done' }] });
      }
    });

/** What a tool answers, and what clients of the older protocol get of it. */
const ANSWERS: [name: string, result: object, older: object][] = [
  ['no content', { content: null, isError: null, _meta: null }, { content: [] }],
  [
    'nulls in its content',
    { content: [{ type: 'text', text: 'x', annotations: null, _meta: null }] },
    { content: [{ type: 'text', text: 'x' }] },
  ],
  ['a list as data', { content: [], structuredContent: [1, 2] }, { content: [{ type: 'text', text: '[1,2]' }] }],
  [
    'a number as data, and as text',
    { content: [{ type: 'text', text: '5' }], structuredContent: 5 },
    { content: [{ type: 'text', text: '5' }] },
  ],
  ['null as data', { content: [], structuredContent: null }, { content: [] }],
];

for (const [what, result, older] of ANSWERS)
  test(`an answer with ${what} stays a success for clients of every revision`, async () => {
    const { url, secret, overrides } = await startPoisoned('modern');
    overrides.set('tools/call', (reply) => reply({ result: { resultType: 'complete', ...result } }));
    for (const connect of [CLIENTS['client 1.x'], CLIENTS['client 2.x on 2025-11-25']]) {
      const client = await connect(url, secret);
      expect(await client.callTool({ name: 'icons', arguments: {} })).toEqual(older);
    }
    const newest = await CLIENTS['client 2.x on 2026-07-28'](url, secret);
    expect(await newest.callTool({ name: 'icons', arguments: {} })).not.toHaveProperty('isError', true);
  });
