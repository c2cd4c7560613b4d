import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, expect, test } from 'vitest';

import { TOOLS } from '../src/upstream/messages.ts';

const BUILD = pathToFileURL(join(import.meta.dirname, '..', 'src', 'agent', 'build.ts')).href;

/** Of another commit: its upstream offers another tool, and its home is the names of what it approves. */
const CHECKOUT = {
  'apps/agent/build.ts': 'export const NODE_FLAGS = []; export const buildAgent = async () => {};',
  'apps/bench/src/upstream/messages.ts': 'export const TOOLS = [{ name: "of_before" }];',
  'apps/bench/src/agent/snapshot.ts':
    'import { TOOLS } from "../upstream/messages.ts"; export const makeSite = () => ({ tools: TOOLS.map(({ name }) => name) });',
  'apps/bench/src/agent/home.ts':
    'export const makeAgentHome = async (folder, { tools }) => ({ url: "", environment: { tools: tools.join(" ") } });',
};

let folder = '';
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the home that another checkout writes approves what this tree's upstream serves", () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-checkout-'));
  for (const [path, text] of Object.entries(CHECKOUT)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  // by Node itself: its imports are what is looked at
  const script = `const { openCheckout } = await import(${JSON.stringify(BUILD)});
    const { makeHome } = await openCheckout(${JSON.stringify(folder)}, '');
    process.stdout.write((await makeHome({ folder: '', upstreamUrl: '', audit: 'durable' })).environment.tools);`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(printed.split(' ')).toEqual(TOOLS.map(({ name }) => name));
});
