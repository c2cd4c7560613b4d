import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import { readSettings } from '../settings.ts';
import { launch, run, type Running } from './processes.ts';
import { Supervisor } from './supervisor.ts';

function openFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-supervisor-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const settings = readSettings({ GATEHOUSE_DATA_DIR: folder });
  const supervisor = new Supervisor();
  const start = (name: string, script: string): Running => {
    const running = launch(settings, { name, command: [process.execPath, '--eval', script], env: {} });
    supervisor.add(running);
    return running;
  };
  return { folder, settings, supervisor, start };
}

const STAYS = 'setInterval(() => {}, 1000)';

test('what ends on its own is told with its exit code, its last words and its log', async () => {
  const { folder, supervisor, start } = openFolder();
  start('hub', STAYS);
  start('worker', "console.log('no database'); process.exitCode = 3");
  await expect(supervisor.failed).rejects.toThrow(/^worker ended with code 3\..*worker\.log and ends with:\s+no database/);
  await supervisor.stop();
  expect(readFileSync(join(folder, 'logs/worker.log'), 'utf8')).toBe('no database\n');
});

test('a log is for its owner alone, also one that was there before', async () => {
  const { folder, supervisor, start } = openFolder();
  const log = join(folder, 'logs/hub.log');
  mkdirSync(join(folder, 'logs'));
  writeFileSync(log, 'earlier');
  chmodSync(log, 0o644);
  for (const name of ['hub', 'worker']) {
    start(name, STAYS);
    expect(statSync(join(folder, 'logs', `${name}.log`)).mode & 0o777, name).toBe(0o600);
  }
  await supervisor.stop();
});

test.runIf(process.platform === 'linux')(
  'what a process is given can be read of it alone, not of the leash that it is on',
  async () => {
    const { folder, settings } = openFolder();
    const script = 'console.log(process.env.OF_THE_PROCESS, process.env.SHELL_SECRET)';
    const env = { OF_THE_PROCESS: 'canary\n5d1e' };
    const command = [process.execPath, '--eval', `${script}; ${STAYS}`];
    const running = launch(settings, { name: 'hub', command, env });
    const log = join(folder, 'logs/hub.log');
    await vi.waitFor(() => expect(readFileSync(log, 'utf8')).toBe('canary\n5d1e undefined\n'), 20_000);
    expect(readFileSync(`/proc/${running.pid}/environ`, 'utf8')).not.toContain('OF_THE_PROCESS');
    await running.stop();
  },
);

test('what is killed is told with the signal', async () => {
  const { supervisor, start } = openFolder();
  start('hub', "process.kill(process.pid, 'SIGKILL')");
  await expect(supervisor.failed).rejects.toThrow(/^hub was ended by SIGKILL\./);
});

test('stopping ends everything, the last first, and is no failure', async () => {
  const { supervisor, start } = openFolder();
  const ended: string[] = [];
  for (const name of ['first', 'second']) {
    const { exited } = start(name, STAYS);
    void exited.then(() => ended.push(name));
  }
  await supervisor.stop();
  expect(ended).toEqual(['second', 'first']);
  await expect(Promise.race([supervisor.failed, Promise.resolve('no failure')])).resolves.toBe('no failure');
});

test('what ends after its log was deleted is told without it', async () => {
  const { folder, supervisor, start } = openFolder();
  start('hub', 'setTimeout(() => process.exit(3), 1000)');
  rmSync(join(folder, 'logs'), { recursive: true });
  await expect(supervisor.failed).rejects.toThrow(/^hub ended with code 3\. Its log, .*hub\.log, cannot be read\./);
});

test.for(['PIPE', 'USR1'])('what ends by SIG%s, which does not end Node, is told as failed', async (signal) => {
  const { settings } = openFolder();
  const { exited } = launch(settings, { name: 'hub', command: ['sh', '-c', `kill -${signal} $$`], env: {} });
  await expect(exited).resolves.toEqual({ code: 1, signal: null });
});

test('when one of several does not start, the others are stopped too', async () => {
  const { folder, settings, supervisor } = openFolder();
  const readyUrl = 'http://127.0.0.1:1/readyz';
  const start = (name: string, script: string) =>
    supervisor.launch(settings, { name, command: [process.execPath, '--eval', script], env: {}, readyUrl });
  const stays = `console.log(process.pid); ${STAYS}`;
  await expect(Promise.all([start('hub', stays), start('worker', 'setTimeout(() => process.exit(3), 1000)')])).rejects.toThrow(
    /^worker did not start: it ended with code 3\./,
  );
  await supervisor.stop();
  const pid = Number(readFileSync(join(folder, 'logs/hub.log'), 'utf8'));
  expect(pid).toBeGreaterThan(0);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a command that fails is told with the end of its output and the path of the log', async () => {
  const { settings } = openFolder();
  const script = "console.log('Another next build process is already running.'); process.exitCode = 1";
  await expect(run(settings, { name: 'build', command: [process.execPath, '--eval', script], env: {} })).rejects.toThrow(
    /^build ended with code 1\. Its log is .*build\.log and ends with:\s+Another next build process/,
  );
});

test('what is launched gets no variable of the shell but those that every program needs', async () => {
  const { folder, settings } = openFolder();
  process.env.A_TOKEN_OF_THE_SHELL = 'secret';
  onTestFinished(() => void delete process.env.A_TOKEN_OF_THE_SHELL);
  const script = 'console.log(JSON.stringify(process.env))';
  await run(settings, { name: 'hub', command: [process.execPath, '--eval', script], env: { OWN: '1' } });
  const passed = readFileSync(join(folder, 'logs/hub.log'), 'utf8');
  expect(passed).not.toContain('secret');
  expect(JSON.parse(passed)).toMatchObject({ OWN: '1', PATH: process.env.PATH });
});
