// @ts-check
// Which live process a file belongs to. Plain JavaScript on Node's own modules, because the installer needs it before anything is installed.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Command line of a live process, or null. Compared together with the pid, because pids are used again.
 * @param {number} pid
 * @returns {Promise<string | null>}
 */
export async function findCommandLine(pid) {
  if (process.platform === 'linux') {
    // There is no such file, or it cannot be read any more, when the process has ended.
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text ? text.replaceAll('\0', ' ').trim() : null;
  }
  const { stdout } = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.trim() || null;
}

/**
 * What a file says of the live process that holds it. Null as the command when there is no such process.
 * @param {number} pid
 * @returns {Promise<string>}
 */
export async function describeOwner(pid) {
  return JSON.stringify({ pid, command: await findCommandLine(pid) });
}

/**
 * Process id of the live process that a file's text describes; null when it has ended, and when the text describes none.
 * @param {string | undefined} text
 * @returns {Promise<number | null>}
 */
export async function findOwner(text) {
  const owner = parseOwner(text);
  return owner && (await findCommandLine(owner.pid)) === owner.command ? owner.pid : null;
}

/**
 * @param {string | undefined} text
 * @returns {{ pid: number, command: string } | null}
 */
function parseOwner(text) {
  try {
    const { pid, command } = JSON.parse(text ?? '');
    return Number.isSafeInteger(pid) && pid > 0 && typeof command === 'string' ? { pid, command } : null;
  } catch {
    return null;
  }
}
