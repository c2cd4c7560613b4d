// Runs one command in its own process group and ends the whole group when standard input closes: however the launcher ends, also by
// kill -9, nothing that it started is left running. Usage: node leash.mjs [--environment] <command> [arguments…]
// --environment: the first line of standard input is more of the command's environment, as JSON. What this process itself was started with
// can be read for as long as it lives, so no secret of the command is in that.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const GRACE_MS = 8_000;
const words = process.argv.slice(2);
const [command, ...args] = words[0] === '--environment' ? words.slice(1) : words;
const given = words[0] === '--environment' ? JSON.parse(await readLine()) : {};
const child = spawn(command, args, {
  env: { ...process.env, ...given },
  detached: true,
  stdio: ['ignore', 'inherit', 'inherit'],
});
let ending = false;

/** Nothing is started for a launcher that is gone before it wrote one. */
async function readLine() {
  let text = '';
  while (!text.includes('\n')) {
    const [chunk] = await Promise.race([once(process.stdin, 'data'), once(process.stdin, 'end')]);
    if (chunk === undefined) process.exit(1);
    text += chunk;
  }
  process.stdin.pause();
  return text;
}

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
  // Ends in the same way, so that whoever waits for the leash learns of the signal. SIGUSR1 would open the debugger instead.
  if (signal === 'SIGUSR1') process.exit(1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Not every signal ends Node: SIGPIPE is ignored.
  process.exit(1);
});
