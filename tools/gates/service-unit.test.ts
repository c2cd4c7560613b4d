import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

const FOLDER = join(import.meta.dirname, '../../infra/systemd');
const UNIT = readFileSync(join(FOLDER, 'gatehouse-agent.service'), 'utf8');
const DROP_IN = readFileSync(join(FOLDER, 'stdio-servers.conf'), 'utf8');
const PROCESS = readFileSync(join(FOLDER, 'gatehouse@.service'), 'utf8');

test.each([
  ['agent', UNIT, 'DynamicUser=yes'],
  ['processes of the control plane', PROCESS, 'User=gatehouse'],
])('the unit of the %s has no capability, no way to gain one, and writes for its user alone', (_, unit, user) => {
  const lines = unit.split('\n');
  for (const line of [
    user,
    'UMask=0077',
    'NoNewPrivileges=yes',
    'CapabilityBoundingSet=',
    'ProtectSystem=strict',
    'ProtectProc=invisible',
    'RestrictNamespaces=yes',
    'SystemCallFilter=@system-service',
    'SystemCallFilter=~@privileged',
  ]) {
    expect(lines).toContain(line);
  }
  expect(unit).not.toMatch(/^Environment=.*(?:TOKEN|KEY|SECRET)/m);
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

test.runIf(hasSystemd)('systemd takes the units, with the drop-in too, for well confined (OK)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-unit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of [
    ['agent.service', UNIT],
    ['gatehouse@console.service', PROCESS],
    ['agent-with-stdio.service', `${UNIT}\n${DROP_IN}`],
  ] as const) {
    const file = join(folder, name);
    writeFileSync(file, text);
    const said = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', file], { encoding: 'utf8' });
    expect(said.trimEnd().split('\n').at(-1), name).toMatch(/: [0-9.]+ OK/);
  }
});
