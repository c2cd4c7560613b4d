import { ARGUMENTS, createNotes, importFrom, sortByName } from './package-of.mjs';

const [folder, url, key] = process.argv.slice(2);
const { MultiServerMCPClient } = await importFrom(folder, '@langchain/mcp-adapters');
const client = new MultiServerMCPClient({
  mcpServers: { one: { transport: 'http', url, headers: { authorization: `Bearer ${key}` } } },
});
const { keep, print } = createNotes();
const tools = await client.getTools();
await keep('tools', async () => sortByName(tools.map(({ name, description, schema }) => ({ name, description, schema }))));
for (const [name, args] of Object.entries(ARGUMENTS)) {
  await keep(name, () => tools.find((tool) => tool.name === name).invoke(args));
}
await client.close();
print();
