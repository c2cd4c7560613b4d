import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { findFreePort } from '@gatehouse/process/testing/free-port';

const BINARY = ['/usr/sbin/squid', '/usr/local/sbin/squid', '/usr/bin/squid'].find((path) => existsSync(path));
const HELPER = ['/usr/lib/squid/basic_ncsa_auth', '/usr/libexec/squid/basic_ncsa_auth'].find((path) => existsSync(path));

/** Whether a real squid can be run here; `npm test` installs it where it can. */
export const hasSquid = BINARY !== undefined && HELPER !== undefined;

/** A squid on this machine that lets one user through with a password, to any address. Ended when the test is over. */
export async function startSquid(user: string, password: string) {
  if (!BINARY || !HELPER) throw new Error('squid is not installed');
  // squid gives root up, so its folder must be open to its own user
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-squid-'));
  chmodSync(directory, 0o755);
  const port = await findFreePort();
  // one of the forms that the helper takes, and one that needs no other program
  const hash = createHash('md5').update(password).digest('hex');
  const accounts = join(directory, 'accounts');
  writeFileSync(accounts, `${user}:${hash}\n`);
  const log = join(directory, 'access.log');
  writeFileSync(log, '');
  const config = join(directory, 'squid.conf');
  writeFileSync(
    config,
    `http_port 127.0.0.1:${port}
auth_param basic program ${HELPER} ${accounts}
acl known proxy_auth REQUIRED
acl forbidden dstdomain forbidden.test
http_access deny forbidden
http_access allow known
http_access deny all
hosts_file ${join(directory, 'hosts')}
access_log stdio:${log}
cache_log ${join(directory, 'cache.log')}
cache deny all
pid_filename none
coredump_dir ${directory}
visible_hostname squid.test
shutdown_lifetime 0 seconds
`,
  );
  writeFileSync(join(directory, 'hosts'), '127.0.0.1 upstream.test other.test forbidden.test\n');
  if (process.getuid?.() === 0) for (const file of [directory, log]) chownSync(file, readId('-u'), readId('-g'));
  const child = spawn(BINARY, ['-N', '-f', config], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
    rmSync(directory, { recursive: true, force: true });
  });
  await waitUntilAnswering(port, child);
  return { port, log };
}

function readId(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'proxy']).toString());
}

async function waitUntilAnswering(port: number, child: ReturnType<typeof spawn>): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`squid ended with ${child.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
