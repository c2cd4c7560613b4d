import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseEnv } from 'node:util';

import { replacePlaces, type Places } from './machine.ts';

// Stands in for systemd on a machine of the guide's test: what a unit says is started as a process of its own group, with the environment of the
// unit and no other. Its confinement is looked at elsewhere. Usage: systemctl FOLDER daemon-reload | enable --now UNIT… | start UNIT… |
// stop UNIT… | restart UNIT… | reload nginx

const [folder = '', command = '', ...words] = process.argv.slice(2);
const places = JSON.parse(readFileSync(join(folder, 'places.json'), 'utf8')) as Places;

/** The values of a key of the unit, in order. */
const readAll = (unit: string, key: string) =>
  [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);

function readUnit(name: string): string {
  const [, base = name, instance = ''] = /^(.+)@(.+)$/.exec(name) ?? [];
  const file = join(folder, 'etc/systemd/system', `${base}${instance === '' ? '' : '@'}.service`);
  return replacePlaces(readFileSync(file, 'utf8').replaceAll('%i', instance), { ...places, '/usr/bin/node': process.execPath });
}

function start(name: string, [program = '', ...args]: string[], env: NodeJS.ProcessEnv, cwd?: string): void {
  const log = openSync(join(folder, `${name}.log`), 'a');
  const child = spawn(program, args, { env, cwd, detached: true, stdio: ['ignore', log, log] });
  child.unref();
  writeFileSync(join(folder, 'pids'), `${child.pid}\n`, { flag: 'a' });
  mkdirSync(join(folder, 'units'), { recursive: true });
  writeFileSync(toPidFile(name), String(child.pid));
}

const toPidFile = (unit: string) => join(folder, 'units', unit);

/** Ends a unit as systemd does, and waits until it has ended. */
async function stopUnit(unit: string): Promise<void> {
  const pid = Number(readFileSync(toPidFile(unit), 'utf8'));
  process.kill(pid, 'SIGTERM');
  while (isRunning(pid)) await delay(50);
  rmSync(toPidFile(unit));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function startUnit(name: string): void {
  const unit = readUnit(name);
  const files = readAll(unit, 'EnvironmentFile').map((file) => parseEnv(readFileSync(file.replace(/^-/, ''), 'utf8')));
  const lines = parseEnv(readAll(unit, 'Environment').join('\n'));
  const env = Object.assign({ PATH: process.env.PATH, NODE_ENV: 'production' }, lines, ...files) as NodeJS.ProcessEnv;
  start(name, (readAll(unit, 'ExecStart')[0] ?? '').split(' '), env, readAll(unit, 'WorkingDirectory')[0]);
}

if (command === 'stop' || command === 'restart') for (const name of words) await stopUnit(name);
if (['enable', 'start', 'restart'].includes(command))
  for (const name of words.filter((word) => word !== '--now')) startUnit(name);
else if (command === 'reload' && words[0] === 'nginx') {
  const file = join(folder, 'nginx.pid');
  // nginx -t leaves an empty one
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (pid > 0) process.kill(pid, 'SIGHUP');
  else start('nginx', [join(folder, 'bin/nginx'), '-g', 'daemon off;'], process.env);
} else if (!['daemon-reload', 'stop'].includes(command)) {
  process.stderr.write(`This systemctl does not know ${command} ${words.join(' ')}\n`);
  process.exitCode = 1;
}
