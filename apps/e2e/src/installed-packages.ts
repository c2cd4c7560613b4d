import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FIVE_MINUTES_MS = 300_000;

/** Programs that a test installs for itself, outside the lockfile, one folder for each version; what is there is not fetched again. */
export class InstalledPackages {
  readonly #folder: string;

  /** `folder` is created when it is first needed. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Installs an exact version with npm, once; returns its folder. Throws with npm's last lines when it cannot be had. */
  async installPackage(name: string, version: string): Promise<string> {
    const folder = join(this.#folder, `${name.replaceAll('/', '__')}@${version}`);
    if (existsSync(folder)) return folder;
    const fresh = `${folder}.${process.pid}`;
    mkdirSync(fresh, { recursive: true });
    try {
      await run('npm', ['install', '--prefix', fresh, '--no-audit', '--no-fund', '--no-save', `${name}@${version}`], {
        cwd: fresh,
        timeout: FIVE_MINUTES_MS,
      });
      // Renamed when complete, so that a broken install is never taken for a whole one.
      renameSync(fresh, folder);
      return folder;
    } catch (error) {
      rmSync(fresh, { recursive: true, force: true });
      throw new Error(`${name}@${version} cannot be installed: ${getLastLines(error)}`, { cause: error });
    }
  }

  /** Path of an installed command. */
  async resolveCommand(name: string, version: string, bin: string): Promise<string> {
    return join(await this.installPackage(name, version), 'node_modules', '.bin', bin);
  }
}

function getLastLines(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return text.trim().split('\n').slice(-3).join(' ').slice(0, 500);
}
