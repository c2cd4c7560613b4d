import { execFileSync } from 'node:child_process';

/** A user that has nothing on this machine. */
export const STRANGER = 54_321;

/** Whether the tests may become that user, and it can run this Node and read this repository. */
export const strangerRuns = canStrangerRun();
if (!strangerRuns) process.stdout.write('SKIPPED, because no other user can run this Node here: what is tried as another user\n');

function canStrangerRun(): boolean {
  if (process.geteuid?.() !== 0) return false;
  const script = `await import(${JSON.stringify(import.meta.url)})`;
  try {
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      uid: STRANGER,
      gid: STRANGER,
      cwd: '/',
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}
