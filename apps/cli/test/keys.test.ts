import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { runCli } from './run-cli.ts';

test('keys are made once, for their owner alone, and one that is there is never written over', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const out = join(folder, 'keys');
  const { code, stdout } = await runCli(['keys', 'generate', '--out', out]);
  expect([code, stdout.match(/^made /gm)?.length]).toEqual([0, 4]);
  const files = ['signing-kek', 'nextauth-secret', 'ops-token', 'backup-key'].map((name) => join(out, name));
  const values = files.map((file) => readFileSync(file, 'utf8'));
  expect(files.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600, 0o600, 0o600]);
  expect(Buffer.from(values[0] ?? '', 'base64')).toHaveLength(32);
  for (const value of values) expect(stdout).not.toContain(value.trim());

  rmSync(files[2] ?? '');
  const again = await runCli(['keys', 'generate', '--out', out]);
  expect([again.stdout.match(/^kept /gm)?.length, again.stdout.match(/^made /gm)?.length]).toEqual([3, 1]);
  expect(readFileSync(files[0] ?? '', 'utf8')).toBe(values[0]);

  writeFileSync(join(folder, 'file'), '');
  expect((await runCli(['keys', 'generate', '--out', join(folder, 'file')])).code).toBe(1);
});

test('keys are printed on demand alone', async () => {
  expect((await runCli(['keys', 'generate'])).code).toBe(2);
  const { stdout } = await runCli(['keys', 'generate', '--print']);
  expect(stdout).toMatch(
    /^GATEHOUSE_SIGNING_KEK=\S{44}\nNEXTAUTH_SECRET=\S{43}\nGATEHOUSE_OPS_TOKEN=\S{43}\nGATEHOUSE_BACKUP_KEY=\S{44}\n$/,
  );
});
