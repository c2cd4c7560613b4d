import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import { findFreePort } from '@gatehouse/process/testing/free-port';

import { root } from './settings.ts';

const exec = promisify(execFile);

function findOnPath(names: string[]): string | null {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) if (directory && existsSync(join(directory, name))) return join(directory, name);
  }
  return null;
}

/** Installs a Debian package when this is Debian and we are root. True when it worked. */
async function installDebian(name: string): Promise<boolean> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  process.stdout.write(`  Installing the Debian package ${name} …\n`);
  const options = { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  try {
    await exec('apt-get', ['update', '-qq'], options);
    await exec('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], options);
    return true;
  } catch {
    return false;
  }
}

/**
 * Path of a Chromium: PLAYWRIGHT_CHROMIUM, the shell without a window of its own, which takes a tenth less of the processor, any other on PATH, Playwright's
 * own, or Debian's package. Null when none can be had.
 */
export async function findBrowser(): Promise<string | null> {
  const shell = 'chromium-headless-shell';
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const given = process.env.PLAYWRIGHT_CHROMIUM;
  if (given) return given;
  const windowless = findOnPath([shell]) ?? ((await installDebian(shell)) ? findOnPath([shell]) : null);
  const system = windowless ?? findOnPath(names);
  if (system) return system;
  const { chromium } = await import('@playwright/test');
  if (existsSync(chromium.executablePath())) return chromium.executablePath();
  if (await installDebian('chromium')) return findOnPath(names);
  try {
    await exec(process.execPath, [join(root, 'node_modules/@playwright/test/cli.js'), 'install', 'chromium'], {
      timeout: 300_000,
    });
  } catch {
    return null;
  }
  return existsSync(chromium.executablePath()) ? chromium.executablePath() : null;
}

/** By what a Debian package installs: whether it is there, or comes as that package. */
async function findProgram(name: string, ...paths: string[]): Promise<boolean> {
  const isThere = () => paths.some((path) => existsSync(path));
  return isThere() || ((await installDebian(name)) && isThere());
}

/** Whether the tests behind a real squid can run. */
export const findSquid = () => findProgram('squid', '/usr/sbin/squid', '/usr/local/sbin/squid', '/usr/bin/squid');

/** Whether the tests of sandboxes can run. */
export const findSandbox = () => findProgram('bubblewrap', '/usr/bin/bwrap', '/usr/local/bin/bwrap');

/** Whether the guide of docs/operations.md can be followed. */
export const findNginx = () => findProgram('nginx-light', '/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx');

/** Whether the tests of access control lists can run. */
export const findAccessLists = () => findProgram('acl', '/usr/bin/setfacl', '/bin/setfacl');

/** A Redis for the tests: REDIS_URL, or a server of our own from PATH or Debian's package. Null when none can be had. */
export async function findRedis(): Promise<{ url: string; stop(): Promise<void> } | null> {
  if (process.env.REDIS_URL) return { url: process.env.REDIS_URL, stop: () => Promise.resolve() };
  const names = ['redis-server', 'valkey-server'];
  const binary = findOnPath(names) ?? ((await installDebian('redis-server')) ? findOnPath(names) : null);
  if (!binary) return null;
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-redis-'));
  const port = await findFreePort();
  const leash = join(root, 'tools/local/processes/leash.mjs');
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', directory];
  const child = spawn(process.execPath, [leash, binary, ...flags], { stdio: ['pipe', 'ignore', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let attempt = 0; attempt < 100 && !(await acceptsConnections(port)); attempt += 1) await delay(50);
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      child.stdin.end();
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function acceptsConnections(port: number): Promise<boolean> {
  const { createConnection } = await import('node:net');
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
