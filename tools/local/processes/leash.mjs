// Runs one command in its own process group and ends the whole group when standard input closes: however the launcher ends, also by
// kill -9, nothing that it started is left running. Usage: node leash.mjs <command> [arguments…]
import { spawn } from 'node:child_process';

const GRACE_MS = 8_000;
const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
let ending = false;

function signalGroup(signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function end() {
  if (ending) return;
  ending = true;
  signalGroup('SIGTERM');
  setTimeout(() => signalGroup('SIGKILL'), GRACE_MS).unref();
}

process.stdin.resume();
process.stdin.once('end', end);
process.stdin.once('error', end);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, end);
child.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.once('exit', (code, signal) => {
  // Whatever the command itself started and left behind goes too.
  signalGroup('SIGKILL');
  if (!signal) process.exit(code);
  // Ends in the same way, so that whoever waits for the leash learns of the signal.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Not every signal ends Node: SIGPIPE is ignored, SIGUSR1 opens the debugger.
  process.exit(1);
});
