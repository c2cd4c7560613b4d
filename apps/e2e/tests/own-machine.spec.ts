import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import { expect, test } from '../src/fixtures.ts';
import { OF_THE_SHELL } from '../src/stack.ts';

const LISTENING = '0A';
/** As /proc/net writes 127.0.0.1, ::1 and 127.0.0.1 inside of an IPv6 address. */
const LOOPBACK = /^(?:0100007F|0{24}01000000|0{16}FFFF00000100007F):/;

/** The open files of a process; none of one that has ended or is not ours to look at. */
function listOpen(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => readlinkSync(`/proc/${pid}/fd/${name}`));
  } catch {
    return [];
  }
}

/** `address:port` of this machine that one of these processes listens on, as /proc/net writes it. */
function listListeners(pids: readonly number[]): string[] {
  const open = new Set(pids.flatMap(listOpen));
  return ['tcp', 'tcp6'].flatMap((name) =>
    readFileSync(`/proc/net/${name}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .flatMap(([, local = '', , state, , , , , , inode]) =>
        state === LISTENING && open.has(`socket:[${inode}]`) ? [local] : [],
      ),
  );
}

function readEnvironment(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

test('whatever npm start runs listens on this machine alone, and has nothing of the shell that it was started from', async ({
  stack,
}) => {
  const pids = stack.listProcessIds();
  const listeners = listListeners(pids);
  // console, hub, worker, agent, orders, PostgreSQL
  expect(listeners.length).toBeGreaterThanOrEqual(6);
  expect(listeners.filter((address) => !LOOPBACK.test(address))).toEqual([]);
  const [secret] = Object.values(OF_THE_SHELL);
  expect(pids.filter((pid) => readEnvironment(pid).includes(secret ?? ''))).toEqual([]);
});
