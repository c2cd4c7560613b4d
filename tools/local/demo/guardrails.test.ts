import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';

import { readSettings } from '../settings.ts';
import { ensureGuardrails } from './guardrails.ts';

function openFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-guardrails-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return readSettings({ GATEHOUSE_DATA_DIR: folder });
}

/** Changes the file as a person does who was told to name a host there. */
function edit(file: string, change: (text: string) => string): void {
  chmodSync(file, 0o644);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

test('what a person added to the guardrails of the demo is there after the next start, comments too', async () => {
  const settings = openFolder();
  const file = await ensureGuardrails(settings);
  edit(file, (text) => text.replace('privateHosts:\n', 'privateHosts:\n    - 127.0.0.1:4555 # my own server\n'));
  const edited = readFileSync(file, 'utf8');
  expect(edited).toContain('4555');
  expect(await ensureGuardrails(settings)).toBe(file);
  expect(readFileSync(file, 'utf8')).toBe(edited);
  expect(statSync(file).mode & 0o777).toBe(0o444);
});

test('what the demo needs is added to a file that lacks it, and replaces a hash that is out of date', async () => {
  const settings = openFolder();
  const file = join(settings.dataDir, 'guardrails.yaml');
  writeFileSync(
    file,
    'http:\n  privateHosts: ["10.0.0.1:8080"]\nstdio:\n  everything: { command: /old/node }\n  mine: { command: /mine }\n',
  );
  await ensureGuardrails(settings);
  expect(parse(readFileSync(file, 'utf8'))).toMatchObject({
    http: { privateHosts: ['10.0.0.1:8080', '127.0.0.1:3030'] },
    credentials: [{ reference: 'env:ORDERS_TOKEN', origins: ['http://127.0.0.1:3030'] }],
    stdio: {
      everything: { env: [] },
      mine: { command: '/mine' },
      'research-files': { env: [], write: [join(settings.dataDir, 'research')] },
    },
  });
});

test.for([
  { what: 'is no YAML', text: 'http: [' },
  { what: 'has another form', text: 'http:\n  privateHosts: everywhere\n' },
  { what: 'is no mapping', text: 'words' },
])('a file that $what is left alone and told in a sentence', async ({ text }) => {
  const settings = openFolder();
  const file = join(settings.dataDir, 'guardrails.yaml');
  writeFileSync(file, text);
  await expect(ensureGuardrails(settings)).rejects.toThrow(/guardrails\.yaml cannot be used: .* Mend it, or delete it/);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('the files of the research folder are written once', async () => {
  const settings = openFolder();
  await ensureGuardrails(settings);
  const survey = join(settings.dataDir, 'research', 'survey.txt');
  writeFileSync(survey, 'mine');
  await ensureGuardrails(settings);
  expect(readFileSync(survey, 'utf8')).toBe('mine');
});
