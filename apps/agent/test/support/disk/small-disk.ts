import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { makeTempDir } from './temp-dir.ts';

export interface SmallDisk {
  dataDir: string;
  /** what an agent process on this disk needs */
  environment: Record<string, string>;
  fill(): void;
  clear(): void;
}

/** A disk that can be filled: a tmpfs of 2 MB, or, where mounting is not permitted, a process whose writes fail like on one. */
export function makeSmallDisk(): SmallDisk {
  const mount = makeTempDir();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mount]).status === 0;
  if (mounted) onTestFinished(() => void spawnSync('umount', ['-l', mount]));
  const ballast = join(mount, 'ballast');
  return {
    dataDir: join(mount, 'state'),
    environment: mounted ? {} : { NODE_OPTIONS: `--import=${JSON.stringify(writeShim(ballast))}` },
    fill() {
      try {
        writeFileSync(ballast, Buffer.alloc(mounted ? 4 << 20 : 1));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
    },
    clear: () => rmSync(ballast),
  };
}

/** A module that lets every write to a file fail with ENOSPC as long as the ballast exists. */
function writeShim(ballast: string): string {
  const path = join(makeTempDir(), 'full-disk.mjs');
  writeFileSync(
    path,
    `import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const write = fs.writeSync;
fs.writeSync = (fd, ...rest) => {
  if (fd > 2 && fs.existsSync(${JSON.stringify(ballast)})) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
  return write(fd, ...rest);
};
syncBuiltinESMExports();
`,
  );
  return path;
}
