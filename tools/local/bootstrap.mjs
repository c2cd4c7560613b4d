// Runs before `npm start`, `npm test` and `npm run dev`, on whatever Node the machine has and with nothing installed yet:
// plain JavaScript, no dependencies. Installs what the lockfile names once, and again only when the lockfile changes.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const stampFile = join(root, 'node_modules', '.gatehouse-installed');
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
const installed = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;

if (!installed) {
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
  const child = spawn(npm[0], [...npm.slice(1), 'install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', log, log],
  });
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(-1));
    child.once('exit', (status) => resolve(status ?? -1));
  });
  clearInterval(ticker);
  if (code !== 0) {
    const text = readFileSync(logFile, 'utf8');
    if (/ENOSPC/.test(text)) fail('The disk is full: dependencies need about 1.5 GB. Free some space and run the command again.');
    if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(text))
      fail('The package registry cannot be reached. Check the network or the proxy (HTTPS_PROXY) and run the command again.');
    fail(`Installing dependencies failed. The full output is in ${logFile}`);
  }
  line(`Installed dependencies in ${seconds()} s`);
  if (process.stdout.isTTY) process.stdout.write('\n');
  writeFileSync(stampFile, stamp);
}

// The launcher imports the database client, which is generated from the schema. Takes a moment, and nothing when the schema is unchanged.
const generate = spawnSync(join(root, 'node_modules', '.bin', 'node'), [join(root, 'tools', 'database', 'generate.ts')], {
  cwd: root,
  encoding: 'utf8',
});
if (generate.status !== 0) fail(`The database client could not be generated:\n\n${generate.stdout}${generate.stderr}`);
