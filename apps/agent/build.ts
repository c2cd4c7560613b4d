import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { build, type Metafile, type Plugin } from 'esbuild';

const root = import.meta.dirname;
/** How Node runs the agent: enough room for garbage that a call costs a sixth less than with 2 MB, and 8 MB less memory than with what Node takes. Also in infra/systemd and src/cli.ts. */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=8'];
export const BUNDLE_PATH = join(root, 'dist', 'gatehouse-agent.mjs');

/** Says which Node is needed before anything else runs; CommonJS packages inside an ES module still ask for node: modules by require. */
const BANNER = `import { createRequire } from 'node:module';
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write('gatehouse-agent needs Node.js 24 or newer; this is ' + process.version + '.\\n');
  process.exit(1);
}
const require = createRequire(import.meta.url);`;

/** Of undici what the agent uses: its index also brings fetch, web sockets, caches and mocks, a fifth of the bundle. */
const leanUndici: Plugin = {
  name: 'lean-undici',
  setup: (plugins) => plugins.onResolve({ filter: /^undici$/ }, () => ({ path: join(root, 'lean-undici.cjs') })),
};

/** Bundles the agent into one file for Node 24. Returns esbuild's metafile: what is inside. `sourceMap`: with `OUTFILE.map` beside it, for profiles. */
export async function buildAgent(outfile = BUNDLE_PATH, { sourceMap = false } = {}): Promise<Metafile> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    // asks Node for its modules when it comes to them: an import has each opened whole, and first, also at the start that is left at once
    format: 'iife',
    target: 'node24',
    banner: { js: BANNER },
    plugins: [leanUndici],
    // ws would load these native helpers from wherever the bundle happens to lie
    define: { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' },
    // whoever reads it has the sources; names stay for stack traces
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'eof',
    sourcemap: sourceMap && 'external',
    metafile: true,
    logLevel: 'warning',
  });
  // a single character beyond ASCII, in a licence notice, makes V8 keep the whole file at two bytes a character
  writeFileSync(
    outfile,
    readFileSync(outfile, 'utf8')
      .normalize('NFKD')
      .replaceAll(/[^\0-\x7f]/g, ''),
  );
  chmodSync(outfile, 0o755);
  return result.metafile;
}

if (process.argv[1] === import.meta.filename) await buildAgent();
