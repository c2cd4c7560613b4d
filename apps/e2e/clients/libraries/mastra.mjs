import { ARGUMENTS, createNotes, importFrom, sortByName } from './package-of.mjs';

const [folder, url, key] = process.argv.slice(2);
const { MCPClient } = await importFrom(folder, '@mastra/mcp');
const requestInit = { headers: { authorization: `Bearer ${key}` } };
const client = new MCPClient({ servers: { one: { url: new URL(url), requestInit } } });
const { keep, print } = createNotes();
const tools = await client.listTools();
await keep('tools', async () => sortByName(Object.values(tools).map(({ id, description }) => ({ name: id, description }))));
for (const [name, args] of Object.entries(ARGUMENTS)) await keep(name, () => tools[`one_${name}`].execute(args, {}));
await client.disconnect();
print();
