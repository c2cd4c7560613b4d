import { chmodSync } from 'node:fs';
import { join } from 'node:path';

import { build, type Metafile } from 'esbuild';

const root = import.meta.dirname;
export const BUNDLE_PATH = join(root, 'dist', 'gatehouse-agent.mjs');

/** Bundles the agent into one file for Node 24. Returns esbuild's metafile: what is inside. */
export async function buildAgent(outfile = BUNDLE_PATH): Promise<Metafile> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // CommonJS packages inside an ES module still ask for node: modules by require
    banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
    // ws would load these native helpers from wherever the bundle happens to lie
    define: { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' },
    legalComments: 'eof',
    metafile: true,
    logLevel: 'warning',
  });
  chmodSync(outfile, 0o755);
  return result.metafile;
}

if (process.argv[1] === import.meta.filename) await buildAgent();
