import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { buildAgent, NODE_FLAGS } from '../build.ts';

test('the bundle holds the agent and its leaves: no control plane, no database, no queue, no native module', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-bundle-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const metafile = await buildAgent(join(directory, 'agent.mjs'));
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.filter((path) => path.endsWith('src/cli.ts'))).toHaveLength(1);
  expect(
    inputs.filter((path) => /node_modules\/(?:@prisma|prisma|pg|next|next-auth|react|bullmq|ioredis|@trpc)\//.test(path)),
  ).toEqual([]);
  expect(
    inputs.filter((path) => /packages\/(?!network\/|openapi\/|policy\/|process\/|protocol\/|redaction\/)/.test(path)),
  ).toEqual([]);
  expect(inputs.filter((path) => /\/testing\/|\.node$/.test(path))).toEqual([]);
  // `import { z } from 'zod'` brings its messages in fifty languages, `import * as z` does not: ten megabytes at run time
  const bytesOf = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  expect(bytesOf.filter(([path, { bytesInOutput }]) => /zod\/v4\/locales\/(?!en\.)/.test(path) && bytesInOutput > 0)).toEqual([]);
  // neither is needed for what the agent does with undici, and both are opened at every start
  expect(inputs.filter((path) => /undici\/lib\/(?:mock|web\/(?:fetch\/index|websocket))/.test(path))).toEqual([]);
  const external = Object.values(metafile.outputs).flatMap((output) => output.imports.map((entry) => entry.path));
  expect(external.filter((path) => !path.startsWith('node:') && !isBuiltin(path))).toEqual([]);
});

test('the bundle is plain ASCII, and it and the service unit name the same flags of Node', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-bundle-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'agent.mjs');
  await buildAgent(path);
  const text = readFileSync(path, 'latin1');
  expect(/[^\0-\x7f]/.exec(text)).toBeNull();
  expect(text.startsWith(`#!/usr/bin/env -S node ${NODE_FLAGS.join(' ')}\n`)).toBe(true);
  // nothing but this is loaded before the environment was left: see relaunch.ts
  expect(text.match(/^import .*$/gm)).toEqual([`import { createRequire } from 'node:module';`]);
  const unit = readFileSync(join(import.meta.dirname, '../../../infra/systemd/gatehouse-agent.service'), 'utf8');
  expect(unit).toContain(`ExecStart=/usr/bin/node ${NODE_FLAGS.join(' ')} /`);
});

function isBuiltin(path: string): boolean {
  return process.getBuiltinModule(path) !== undefined;
}
