import { build } from 'esbuild';

// The build script of hub and worker, run in the app's folder: our own packages into one file; everything from npm stays in node_modules.
await build({
  entryPoints: ['src/main.ts'],
  outfile: 'dist/main.mjs',
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
