import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

/** Bundles our own packages into one file; everything from npm stays in node_modules. */
await build({
  entryPoints: [fileURLToPath(new URL('src/main.ts', import.meta.url))],
  outfile: fileURLToPath(new URL('dist/main.mjs', import.meta.url)),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  sourcemap: true,
  logLevel: 'warning',
  plugins: [
    {
      name: 'npm-packages-stay-outside',
      setup(bundle) {
        bundle.onResolve({ filter: /^[^./]/ }, ({ path }) =>
          path.startsWith('@gatehouse/') ? undefined : { path, external: true },
        );
      },
    },
  ],
});
