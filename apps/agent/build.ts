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

/**
 * A thread is started from a file, and the agent is one file: in its place the bundle holds the code of what redacts, and of nothing else, as a
 * text.
 */
const inlineThread: Plugin = {
  name: 'inline-thread',
  setup(plugins) {
    plugins.onLoad({ filter: /audit\/redaction\/thread-code\.ts$/ }, async ({ path }) => {
      const { outputFiles } = await build({
        ...COMMON,
        entryPoints: ['src/audit/redaction/thread-main.ts'],
        format: 'cjs',
        legalComments: 'none',
        write: false,
      });
      const file = "new URL('./thread-main.ts', import.meta.url), ";
      const code = `${JSON.stringify(outputFiles[0]?.text)}, { eval: true, `;
      const source = readFileSync(path, 'utf8');
      if (!source.includes(file)) throw new Error(`${path} does not start the thread as the bundle expects`);
      return { contents: source.replace(`${file}THREAD_OPTIONS`, () => `${code}...THREAD_OPTIONS }`), loader: 'ts' };
    });
  },
};

const COMMON = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  // whoever reads it has the sources; names stay for stack traces
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'warning',
} as const;

/** Bundles the agent into one file for Node 24. Returns esbuild's metafile: what is inside. `sourceMap`: with `OUTFILE.map` beside it, for profiles. */
export async function buildAgent(outfile = BUNDLE_PATH, { sourceMap = false } = {}): Promise<Metafile> {
  const result = await build({
    ...COMMON,
    entryPoints: ['src/cli.ts'],
    outfile,
    // asks Node for its modules when it comes to them: an import has each opened whole, and first, also at the start that is left at once
    format: 'iife',
    banner: { js: BANNER },
    plugins: [leanUndici, inlineThread],
    // ws would load these native helpers from wherever the bundle happens to lie
    define: { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' },
    legalComments: 'eof',
    sourcemap: sourceMap && 'external',
    metafile: true,
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
