import { expect, test } from 'vitest';

import { formatStatus } from '../src/ops/format-status.ts';
import type { AgentStatus } from '../src/ops/readiness.ts';
import { StatusPrinter } from '../src/ops/status-printer.ts';

const STATUS: AgentStatus = {
  status: 'ok',
  agent: { name: 'helsinki-01', site: 'helsinki', tenant: 'acme', version: '1.4.2' },
  control: { phase: 'connected', since: '2026-11-21T10:00:00Z', error: null, clockSkewMs: 20, url: 'wss://control.acme.example' },
  config: { version: 31, notAfter: '2026-12-05T10:00:00Z', refusal: null },
  audit: { bufferedReceipts: 0, lostReceipts: 0, refusedReceipts: 0, error: null },
  servers: [
    { slug: 'github', state: 'connected', withheld: null, error: null },
    { slug: 'jira', state: 'unused', withheld: null, error: null },
  ],
  tls: null,
  profiles: [
    { slug: 'support', url: 'http://127.0.0.1:7300/p/support/mcp' },
    { slug: 'returns', url: 'http://127.0.0.1:7300/p/returns/mcp' },
  ],
};

test('a healthy agent is four lines', () => {
  expect(formatStatus(STATUS, false)).toEqual([
    '  gatehouse-agent 1.4.2   helsinki-01   acme/helsinki',
    '  ✓ control   wss://control.acme.example   config v31',
    '  ✓ servers   2 of 2     github  jira',
    '  ✓ profiles  http://127.0.0.1:7300/p/support/mcp',
    '  ✓           http://127.0.0.1:7300/p/returns/mcp',
  ]);
});

test('each trouble has its line with the reason', () => {
  const lines = formatStatus(
    {
      ...STATUS,
      control: {
        ...STATUS.control,
        phase: 'waiting',
        error: 'No connection to the hub (ECONNREFUSED).',
        clockSkewMs: -7 * 60_000,
      },
      audit: { bufferedReceipts: 12, lostReceipts: 0, refusedReceipts: 0, error: null },
      servers: [{ slug: 'jira', state: 'unreachable', withheld: null, error: 'timeout' }],
    },
    false,
  );
  expect(lines).toContain('  ✗ control   wss://control.acme.example   No connection to the hub (ECONNREFUSED).');
  expect(lines).toContain("  ✗ clock     This machine's clock is 7 min behind.");
  expect(lines).toContain('  ✗ servers   0 of 1     jira');
  expect(lines).toContain('  ✗           jira: timeout');
  expect(lines).toContain('  … receipts  12 wait for the control plane');
});

test('receipts that were lost, that the hub refuses and that wait are each told', () => {
  const told = (audit: Partial<typeof STATUS.audit>) =>
    formatStatus({ ...STATUS, audit: { ...STATUS.audit, ...audit } }, false).filter((line) => line.includes('receipts'));
  expect(told({ lostReceipts: 2, refusedReceipts: 1, bufferedReceipts: 12 })).toEqual([
    '  ✗ receipts  2 could not be kept',
    '  ✗ receipts  1 refused by the hub, kept in refused-receipts',
    '  … receipts  12 wait for the control plane',
  ]);
  expect(told({ error: 'Receipts cannot be written to the disk; calls are refused.', refusedReceipts: 1 })).toHaveLength(2);
});

test('an agent that may not serve says why and shows no endpoint', () => {
  const lines = formatStatus(
    { ...STATUS, config: { ...STATUS.config, refusal: 'This agent was revoked.' }, profiles: [] },
    false,
  );
  expect(lines).toContain('  ✗ serving   This agent was revoked.');
  expect(lines.join()).not.toContain('/mcp');
});

test('nothing that comes from elsewhere steers the terminal', () => {
  const lines = formatStatus(
    { ...STATUS, servers: [{ slug: 'x', state: 'unreachable', withheld: null, error: '\u001B]0;owned\u0007\u202Eevil' }] },
    false,
  );
  expect(lines.join('')).not.toMatch(/\p{C}/u);
});

test('the printer waits for the first whole picture, then prints only what changed', async () => {
  const written: string[] = [];
  let status: AgentStatus = { ...STATUS, control: { ...STATUS.control, phase: 'connecting' } };
  let changed = () => {};
  const onChange = (listener: () => void) => {
    changed = listener;
    return () => {};
  };
  const printer = new StatusPrinter({ getStatus: () => status, onChange }, false, (line) => void written.push(line));
  const tick = () => new Promise((resolve) => setImmediate(resolve));
  changed();
  await tick();
  expect(written).toEqual([]);
  status = STATUS;
  changed();
  await tick();
  expect(written).toHaveLength(6);
  status = { ...STATUS, config: { ...STATUS.config, version: 32 } };
  changed();
  changed();
  await tick();
  expect(written.slice(6)).toEqual(['  ✓ control   wss://control.acme.example   config v32']);
  printer.stop();
});
