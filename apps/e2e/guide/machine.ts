import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What stands in the guide, and what the test has in its place. */
export type Places = Readonly<Record<string, string>>;

/** Puts the test's addresses and folders in the place of the guide's: all at once, the longest first. */
export function replacePlaces(text: string, places: Places): string {
  const names = Object.keys(places).toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(names.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('|'), 'g');
  return text.replaceAll(pattern, (name) => places[name] ?? name);
}

/**
 * Programs that would change this machine, by what they are asked to do here: accounts and owners are left out, a service manager starts what the
 * unit says, as a process of the test.
 */
const STAND_INS = ['useradd', 'chown'];

/** A shell that goes on from block to block with its variables, on a machine that is a folder. */
export class Machine {
  readonly #folder: string;
  readonly places: Places;
  readonly #state: string;
  readonly #environment: Readonly<Record<string, string>>;

  constructor(folder: string, places: Places, environment: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.places = places;
    this.#environment = environment;
    this.#state = join(folder, 'shell-state');
    for (const name of ['bin', 'etc/systemd/system']) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'places.json'), JSON.stringify(places));
    for (const name of STAND_INS) this.#install(name, '#!/bin/sh\nexit 0\n');
    const node = `#!/bin/sh\nexec "${process.execPath}" "$@"\n`;
    this.#install('node', node);
    this.#install(
      'systemctl',
      `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dirname, 'systemctl.ts')}" "${folder}" "$@"\n`,
    );
  }

  /** Runs a block; rejects with all that it said when a command of it fails. Returns standard output. */
  run(block: string, secrets: Places = {}): Promise<string> {
    const text = replacePlaces(block, { ...this.places, ...secrets });
    const script = `set -eu\n[ -f "${this.#state}" ] && . "${this.#state}"\n${text}\n{ export -p; umask -p; } > "${this.#state}"`;
    const own = Object.entries(process.env).filter(([name]) => !/^(?:GATEHOUSE_|NEXTAUTH_|DATABASE_URL|REDIS_URL)/.test(name));
    const env = {
      ...Object.fromEntries(own),
      ...this.#environment,
      PATH: `${join(this.#folder, 'bin')}:${process.env.PATH ?? ''}`,
    };
    return new Promise((resolve, reject) => {
      execFile('bash', ['-c', script], { cwd: this.#folder, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
        if (error) reject(new Error(`This block fails:\n\n${block}\n${stdout}${stderr}`, { cause: error }));
        else resolve(stdout);
      });
    });
  }

  /** Writes a file that the guide names, with the test's places in it. */
  write(path: string, text: string): void {
    const file = replacePlaces(path, this.places);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, replacePlaces(text, this.places));
  }

  /** Adds what the test's machine needs and a real one does not, such as ports that are free. */
  append(path: string, line: string): void {
    writeFileSync(replacePlaces(path, this.places), `${line}\n`, { flag: 'a' });
  }

  /** The groups of processes that systemctl has started. */
  listPids(): number[] {
    const file = join(this.#folder, 'pids');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];
  }

  #install(name: string, text: string): void {
    writeFileSync(join(this.#folder, 'bin', name), text, { mode: 0o755 });
  }
}
