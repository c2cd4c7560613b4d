import { build } from 'esbuild';

// The build script of hub and worker, run in the app's folder: our own packages into one file; everything from npm stays in node_modules.
const FROM_HERE = 'resolved from the folder of the app';

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
        bundle.onResolve({ filter: /^[^./]/ }, async ({ path, kind, pluginData }) => {
          if (path.startsWith('@gatehouse/') || pluginData === FROM_HERE) return undefined;
          // what one of our own packages has for itself alone is not there for the one file, which lies in the app
          const { errors } = await bundle.resolve(path, { kind, resolveDir: process.cwd(), pluginData: FROM_HERE });
          return errors.length > 0 ? { errors } : { path, external: true };
        });
      },
    },
  ],
});
