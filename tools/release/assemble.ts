import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { buildAgent } from '../../apps/agent/build.ts';
import { root } from '../local/settings.ts';
import { keepPackages, listPackageFolders, type Sbom } from './sbom.ts';

// Puts what a release consists of into a folder: the agent's bundle, the bill of the packages inside it (CycloneDX), SHA-256 checksums.
// The argument names the folder, which is emptied first; without one it is `release`.

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
const output = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--workspace', '@gatehouse/agent'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
const sbom = keepPackages(JSON.parse(output) as Sbom, new Set(bundled));
const refs = new Set(sbom.components.map((component) => component['bom-ref']));
const absent = bundled.filter((name) => !refs.has(name));
if (absent.length > 0) throw new Error(`The bundle holds packages that the bill does not have: ${absent.join(', ')}`);
writeFileSync(join(folder, 'gatehouse-agent.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`);

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
  process.stdout.write(`  ${name.padEnd(24)} ${String(kilobytes).padStart(6)} kB\n`);
}
