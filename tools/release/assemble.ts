import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { buildAgent } from '../../apps/agent/build.ts';
import { root } from '../local/settings.ts';
import { assembleControlPlane } from './control-plane.ts';
import { keepPackages, listPackageFolders, type Sbom } from './sbom.ts';

// Puts what a release consists of into a folder: the agent's bundle, the control plane as it is built, the bills of the packages inside of them
// (CycloneDX), SHA-256 checksums. The argument names the folder, which is emptied first; without one it is `release`.

const folder = resolve(process.argv[2] ?? join(root, 'release'));
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const { inputs } = await buildAgent(join(folder, 'gatehouse-agent.mjs'));
const files = Object.keys(inputs).map((path) => join('apps/agent', path));
const bundled = listPackageFolders(files).map((path) => {
  const { name, version } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  return `${name}@${version}`;
});

/** The bill that npm makes. */
function readSbom(cwd: string, ...words: string[]): Sbom {
  const options = { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 } as const;
  return JSON.parse(execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', ...words], options)) as Sbom;
}

const sbom = keepPackages(readSbom(root, '--workspace', '@gatehouse/agent'), new Set(bundled));
const refs = new Set(sbom.components.map((component) => component['bom-ref']));
const absent = bundled.filter((name) => !refs.has(name));
if (absent.length > 0) throw new Error(`The bundle holds packages that the bill does not have: ${absent.join(', ')}`);
writeFileSync(join(folder, 'gatehouse-agent.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`);

execFileSync(join(root, 'node_modules/.bin/turbo'), ['run', 'build', '--output-logs=errors-only'], {
  cwd: root,
  stdio: 'inherit',
});
const plane = join(folder, 'gatehouse-control-plane');
assembleControlPlane(plane);
const tidy = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner'];
execFileSync('tar', ['-czf', `${plane}.tgz`, ...tidy, '-C', folder, 'gatehouse-control-plane']);
writeFileSync(`${plane}.cdx.json`, `${JSON.stringify(readSbom(plane, '--package-lock-only'), null, 2)}\n`);
rmSync(plane, { recursive: true });

const sums = readdirSync(folder).map((name) => {
  const hash = createHash('sha256')
    .update(readFileSync(join(folder, name)))
    .digest('hex');
  return `${hash}  ${name}\n`;
});
writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''));

process.stdout.write(`\n  Assembled in ${folder}:\n\n`);
for (const name of readdirSync(folder)) {
  const kilobytes = Math.ceil(statSync(join(folder, name)).size / 1_024);
  process.stdout.write(`  ${name.padEnd(34)} ${String(kilobytes).padStart(6)} kB\n`);
}
