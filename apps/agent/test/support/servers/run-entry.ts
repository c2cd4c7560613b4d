import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

import type { StdioEntry } from '../../../src/config/guardrails/stdio-entry.ts';
import { startChild, stopChild } from '../../../src/upstream/stdio/process-group.ts';
import { StdioEntries } from '../../../src/upstream/stdio/stdio-entries.ts';

export interface RunOrder {
  entries: Record<'hostile' | 'sibling', StdioEntry>;
  ownPaths: string[];
  targets: object;
}

// Stands for the agent: starts two programs as the agent would, lets the first one attack everything, ends both, and prints what it said.
// Its order is its argument.
const order = JSON.parse(process.argv[2] ?? '') as RunOrder;
const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const open = (environment: Record<string, string>) =>
  StdioEntries.open({ entries: new Map(Object.entries(order.entries)), environment, ownPaths: order.ownPaths });

const sibling = (await (await open({})).open('sibling')).launch;
const other = await startChild(sibling);
const { port } = server.address() as AddressInfo;
const targets = { ...order.targets, agent: process.pid, sibling: other.pid, listener: port };
const hostile = (await (await open({ TARGETS: JSON.stringify(targets) })).open('hostile')).launch;
const child = await startChild(hostile);
child.stderr.pipe(process.stderr);
const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
await Promise.all([stopChild(child, hostile), stopChild(other, sibling)]);
process.stdout.write(`${line}\n`);
server.close();
