// Runs before every script of package.json, on whatever Node the machine has and with nothing installed yet:
// plain JavaScript, no dependencies. Installs what the lockfile names once, and again only when the lockfile changes.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { withProcessLock } from './processes/process-lock.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const stampFile = join(root, 'node_modules', '.gatehouse-installed');
const lockFile = join(root, 'node_modules', '.gatehouse-install.lock');
const logFile = join(root, '.gatehouse', 'logs', 'install.log');

function fail(message) {
  process.stderr.write(`\n  ${message}\n\n`);
  process.exit(1);
}

if (Number(process.versions.node.split('.')[0]) < 20)
  fail(`Node ${process.versions.node} is too old. Install Node 20 or newer and run the command again.`);

const stamp = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(process.platform + process.arch)
  .digest('hex');
const isInstalled = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;

/** Installs, unless that was done. `shareWith` lets npm hold the lock too: it may outlive this process for a moment when that is killed. */
async function install(shareWith) {
  if (isInstalled()) return;
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'w');
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const line = (text) => process.stdout.write(process.stdout.isTTY ? `\r  ${text}\x1b[K` : `  ${text}\n`);
  line('Installing dependencies (once, about a minute)');
  const ticker = setInterval(() => line(`Installing dependencies … ${seconds()} s`), process.stdout.isTTY ? 1_000 : 15_000);
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  // Not `npm ci`: it refuses a lockfile that was written where the optional binaries of other platforms cannot be had. The versions are
  // those of the lockfile all the same, and nothing is written to it.
  const command = [...npm, 'install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const child = spawn(process.execPath, [join(root, 'tools/local/processes/leash.mjs'), ...command], {
    cwd: root,
    stdio: ['pipe', log, log],
  });
  const exited = new Promise((resolve) => child.once('exit', (status) => resolve(status ?? -1)));
  await shareWith(child.pid);
  const code = await exited;
  clearInterval(ticker);
  if (code !== 0) fail(explainFailure(readFileSync(logFile, 'utf8')));
  line(`Installed dependencies in ${seconds()} s`);
  if (process.stdout.isTTY) process.stdout.write('\n');
  writeFileSync(stampFile, stamp);
}

function explainFailure(output) {
  if (/ENOSPC/.test(output))
    return 'The disk is full: dependencies need about 1.5 GB. Free some space and run the command again.';
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(output))
    return 'The package registry cannot be reached. Check the network or the proxy (HTTPS_PROXY) and run the command again.';
  return `Installing dependencies failed. The full output is in ${logFile}`;
}

/** The launcher imports the database client, which is generated from the schema. Takes a moment, and nothing when the schema is unchanged. */
function generate() {
  const script = join(root, 'tools', 'database', 'generate.ts');
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules', '.bin', 'node'), [script], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) fail(`The database client could not be generated:\n\n${stdout}${stderr}`);
}

try {
  mkdirSync(dirname(lockFile), { recursive: true });
  const tellWaiting = (pid) => process.stdout.write(`  Waits for another installation in this folder (pid ${pid})\n`);
  await withProcessLock(lockFile, (shareWith) => install(shareWith).then(generate), tellWaiting);
} catch (error) {
  if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC'].includes(error.code)) throw error;
  fail(`${error.path} cannot be written (${error.code}).`);
}
