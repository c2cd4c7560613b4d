import { ARGUMENTS, createNotes, importFrom, sortByName } from './package-of.mjs';

// The 1.x SDK in the version that was installed in the folder.
const [folder, url, key] = process.argv.slice(2);
const { Client } = await importFrom(folder, '@modelcontextprotocol/sdk/client/index.js');
const { StreamableHTTPClientTransport } = await importFrom(folder, '@modelcontextprotocol/sdk/client/streamableHttp.js');
const requestInit = { headers: { authorization: `Bearer ${key}` } };
const client = new Client({ name: 'older', version: '1.0.0' }, { capabilities: {} });
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));

const { keep, print } = createNotes();
for (const [list, verb] of Object.entries({
  tools: 'listTools',
  prompts: 'listPrompts',
  resources: 'listResources',
  resourceTemplates: 'listResourceTemplates',
})) {
  await keep(list, async () => {
    const { [list]: items, ...rest } = await client[verb]();
    return { ...rest, items: sortByName(items) };
  });
}
for (const [name, args] of Object.entries(ARGUMENTS)) await keep(name, () => client.callTool({ name, arguments: args }));
for (const uri of ['test://static-text', 'test://static-binary', 'test://template/42/data']) {
  await keep(uri, () => client.readResource({ uri }));
}
await keep('prompt', () => client.getPrompt({ name: 'test_prompt_with_arguments', arguments: { arg1: 'one', arg2: 'two' } }));
const ref = { type: 'ref/prompt', name: 'test_prompt_with_arguments' };
await keep('completion', () => client.complete({ ref, argument: { name: 'arg1', value: 'testV' } }));
await client.close();
print();
