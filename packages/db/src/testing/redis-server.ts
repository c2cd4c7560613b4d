import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

import { findFreePort } from '@gatehouse/process/testing/free-port';

export interface TestRedis {
  url: string;
  stop(): Promise<void>;
}

const START_MS = 10_000;
/** Ends Redis when standard input closes, which the kernel does however the parent ends. */
const SUPERVISOR = `exec 3<&0; "$@" 3<&- & server=$!
(cat <&3 >/dev/null; kill -TERM $server 2>/dev/null) & watch=$!
wait $server; code=$?; kill $watch 2>/dev/null; exit $code`;

/** Starts the `redis-server` on PATH with nothing on disk; null when there is none. */
export async function startTestRedis(path: string): Promise<TestRedis | null> {
  const port = await findFreePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir()];
  const child = spawn('/bin/sh', ['-c', SUPERVISOR, 'sh', 'redis-server', ...args], {
    env: { PATH: path },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.stdin.end();
    await exited;
  };
  const started = await Promise.race([waitUntilReady(port).then(() => true), exited.then(() => false)]);
  if (started) return { url: `redis://127.0.0.1:${port}`, stop };
  await stop();
  return null;
}

async function waitUntilReady(port: number): Promise<void> {
  for (const end = Date.now() + START_MS; Date.now() < end;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket.end() !== undefined));
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await delay(20);
  }
  throw new Error('redis-server does not answer');
}
