import { ARGUMENTS, createNotes, importFrom, sortByName } from './package-of.mjs';

const [folder, url, key] = process.argv.slice(2);
const { createMCPClient } = await importFrom(folder, '@ai-sdk/mcp');
const client = await createMCPClient({ transport: { type: 'http', url, headers: { authorization: `Bearer ${key}` } } });
const { keep, print } = createNotes();
const tools = await client.tools();
await keep('tools', async () =>
  sortByName(
    Object.entries(tools).map(([name, { description, inputSchema }]) => ({ name, description, schema: inputSchema.jsonSchema })),
  ),
);
for (const [name, args] of Object.entries(ARGUMENTS)) {
  await keep(name, () => tools[name].execute(args, { toolCallId: '1', messages: [] }));
}
await client.close();
print();
