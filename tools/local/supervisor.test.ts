import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { launch, run, type Running } from './processes.ts';
import { readSettings } from './settings.ts';
import { Supervisor } from './supervisor.ts';

function openFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-supervisor-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const settings = readSettings({ GATEHOUSE_DATA_DIR: folder });
  const supervisor = new Supervisor();
  const start = async (name: string, script: string): Promise<Running> => {
    const running = await launch(settings, { name, command: [process.execPath, '--eval', script], env: {} });
    supervisor.add(running);
    return running;
  };
  return { folder, settings, supervisor, start };
}

const STAYS = 'setInterval(() => {}, 1000)';

test('what ends on its own is told with its exit code, its last words and its log', async () => {
  const { folder, supervisor, start } = openFolder();
  await start('hub', STAYS);
  await start('worker', "console.log('no database'); process.exitCode = 3");
  await expect(supervisor.failed).rejects.toThrow(/^worker ended with code 3\..*worker\.log and ends with:\s+no database/);
  await supervisor.stop();
  expect(readFileSync(join(folder, 'logs/worker.log'), 'utf8')).toBe('no database\n');
});

test('what is killed is told with the signal', async () => {
  const { supervisor, start } = openFolder();
  await start('hub', "process.kill(process.pid, 'SIGKILL')");
  await expect(supervisor.failed).rejects.toThrow(/^hub was ended by SIGKILL\./);
});

test('stopping ends everything, the last first, and is no failure', async () => {
  const { supervisor, start } = openFolder();
  const ended: string[] = [];
  for (const name of ['first', 'second']) {
    const { exited } = await start(name, STAYS);
    void exited.then(() => ended.push(name));
  }
  await supervisor.stop();
  expect(ended).toEqual(['second', 'first']);
  await expect(Promise.race([supervisor.failed, Promise.resolve('no failure')])).resolves.toBe('no failure');
});

test('a command that fails is told with the end of its output and the path of the log', async () => {
  const { settings } = openFolder();
  const script = "console.log('Another next build process is already running.'); process.exitCode = 1";
  await expect(run(settings, { name: 'build', command: [process.execPath, '--eval', script], env: {} })).rejects.toThrow(
    /^build ended with code 1\. Its log is .*build\.log and ends with:\s+Another next build process/,
  );
});
