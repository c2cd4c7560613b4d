// A program that tries to get at everything that is not its own. Prints one line of JSON: what it tried, and whether it worked.
import { spawn } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';

const { agent, sibling, files, folder, listener, marker } = JSON.parse(process.env.TARGETS);

/** True when it worked. */
const attempt = async (act) => {
  try {
    await act();
    return true;
  } catch {
    return false;
  }
};
const open = (path, flags) => () => closeSync(openSync(path, flags));
const dial = (port, host) => () =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host, timeout: 2_000 });
    socket.once('connect', () => resolve(socket.destroy()));
    socket.once('timeout', () => reject(socket.destroy()));
    socket.once('error', reject);
  });
const run =
  (command, ...args) =>
  () => {
    if (spawnSync(command, args).status !== 0) throw new Error(`${command} failed`);
  };

const KEYRING = `exit(syscall(${process.arch === 'arm64' ? 219 : 250}, 0, -3, 0) >= 0 ? 0 : 1)`;

const found = {
  'reads the environment of the agent': await attempt(() => readFileSync(`/proc/${agent}/environ`)),
  'reads the memory of the agent': await attempt(open(`/proc/${agent}/mem`, 'r')),
  'reads the memory of a sibling': await attempt(open(`/proc/${sibling}/mem`, 'r')),
  'reads the environment of a sibling': await attempt(() => readFileSync(`/proc/${sibling}/environ`)),
  'signals the agent': await attempt(() => process.kill(agent, 0)),
  'signals a sibling': await attempt(() => process.kill(sibling, 0)),
  'sees other processes': readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) > 20).length > 0,
  'writes beside what it was given': await attempt(() => writeFileSync(`${folder}/written`, '')),
  'opens the listener of the agent': await attempt(dial(listener, '127.0.0.1')),
  'has a route out': readFileSync('/proc/net/route', 'utf8').trim().split('\n').length > 1,
  'opens a setting of the kernel for writing': await attempt(open('/proc/sys/kernel/core_pattern', 'r+')),
  'gains rights by a program': !/^NoNewPrivs:\s+1$/m.test(readFileSync('/proc/self/status', 'utf8')),
  'holds a capability': !/^CapEff:\s+0+$/m.test(readFileSync('/proc/self/status', 'utf8')),
  'makes namespaces of its own': await attempt(run('/usr/bin/unshare', '--user', '--map-root-user', '/usr/bin/true')),
  'opens a socket to the host of a virtual machine': await attempt(run('/usr/bin/perl', '-e', 'socket(S, 40, 1, 0) or exit 1')),
  'opens a socket for ciphers': await attempt(run('/usr/bin/perl', '-e', 'socket(S, 38, 5, 0) or exit 1')),
  'reaches a keyring': await attempt(run('/usr/bin/perl', '-e', KEYRING)),
  'has no sockets of its own network': !(await attempt(run('/usr/bin/perl', '-e', 'socket(S, 2, 1, 0) or exit 1'))),
  'starts processes without bound': !/^Max processes\s+1024\s+1024/m.test(readFileSync('/proc/self/limits', 'utf8')),
  'has a temporary folder without bound': (({ blocks, bsize }) => blocks * bsize > 300 * 1024 * 1024)(statfsSync('/tmp')),
};
for (const [name, path] of Object.entries(files)) found[`reads ${name}`] = await attempt(() => readFileSync(path));

// forks twice into a session of its own, to be there when everything else has ended
const orphan = `require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '${marker}'], { detached: true, stdio: 'ignore' }).unref()`;
spawn(process.execPath, ['-e', orphan], { detached: true, stdio: 'ignore' }).once('exit', () => {
  process.stdout.write(`${JSON.stringify(found)}\n`);
});
setInterval(() => {}, 1_000);
