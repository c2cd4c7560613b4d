import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type { Guardrails } from '../../../src/config/guardrails/guardrails.ts';
import type { StdioEntry } from '../../../src/config/guardrails/stdio-entry.ts';
import { LOCAL } from '../agent/upstream-deps.ts';
import { makeTempDir } from '../disk/temp-dir.ts';

const require = createRequire(import.meta.url);

/** An entry that runs a script with this Node, hashed as a customer would write it into the guardrails. */
export function makeNodeEntry(script: string, overrides: Partial<StdioEntry> = {}): StdioEntry {
  const command = realpathSync(process.execPath);
  const file = realpathSync(script);
  const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
  return {
    command,
    args: [file],
    cwd: dirname(file),
    env: [],
    sha256: { [command]: hash(command), [file]: hash(file) },
    // what is tested with most of them is seen from outside: process ids, files that they write
    sandbox: 'none',
    ...overrides,
  };
}

export function withEntries(entries: Record<string, StdioEntry>): Guardrails {
  return { ...LOCAL, stdio: new Map(Object.entries(entries)) };
}

/** The published example server over stdio. */
export function makeEverythingEntry(): StdioEntry {
  const script = require.resolve('@modelcontextprotocol/server-everything/dist/index.js');
  const entry = makeNodeEntry(script);
  return { ...entry, args: [...entry.args, 'stdio'] };
}

/**
 * A server of a few lines that speaks the older protocol without any SDK. `onCall` is the body of a function of `(message, reply)` that
 * answers tools/call; `before` runs at its start, and may set `tools`, the `answers` to further methods, and the methods to be `silent` about.
 */
export function makeScriptEntry(onCall: string, before = '', overrides: Partial<StdioEntry> = {}): StdioEntry {
  const path = join(makeTempDir(), 'server.mjs');
  writeFileSync(
    path,
    `import { createInterface } from 'node:readline';
${before}
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
const onCall = async (message, reply) => { ${onCall} };
createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  const { id, method } = message;
  const reply = (text) => send({ id, result: { content: [{ type: 'text', text: String(text) }] } });
  if (method === 'initialize') {
    const { protocolVersion } = message.params;
    send({ id, result: { protocolVersion, capabilities: { tools: { listChanged: true } }, serverInfo: { name: 'script', version: '1' } } });
  } else if (method === 'tools/list') {
    send({ id, result: { tools: globalThis.tools ?? [{ name: 'run', inputSchema: { type: 'object' } }] } });
  } else if (method === 'tools/call') void onCall(message, reply);
  else if (globalThis.answers?.[method]) send({ id, result: globalThis.answers[method] });
  else if (id !== undefined && !globalThis.silent?.includes(method)) send({ id, error: { code: -32601, message: 'unknown' } });
});
`,
  );
  return makeNodeEntry(path, overrides);
}
