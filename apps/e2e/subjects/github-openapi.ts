import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { DESCRIPTION_LIMITS, readDescription } from '@gatehouse/openapi/read-description';

import { InstalledPackages } from '../src/installed-packages.ts';

// `npm run subjects:openapi`: GitHub's published description, read as an import reads it. The package holds every variant of it, 700 MB
// unpacked, so it is fetched when it is asked for and stands in no lockfile. Ends with 1 when an operation is neither a tool nor explained.
const PACKAGE = { name: '@octokit/openapi', version: '23.0.2' };
const FILES = ['api.github.com.json', 'ghec.json'];
const print = (line: string) => void process.stdout.write(`${line}\n`);

function report(file: string, text: string): boolean {
  const started = performance.now();
  const read = readDescription(text);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  if (!read.ok) {
    print(`${file}: ${read.problem}`);
    return false;
  }
  const { operations, openapi } = read.description;
  const tools = operations.flatMap(({ tool }) => (tool ? [tool] : []));
  const names = new Set(operations.map(({ name }) => name));
  const bytes = tools.map(({ definition }) => Buffer.byteLength(JSON.stringify(definition)));
  const memory = Math.round(process.memoryUsage().rss / 1_000_000);
  print(
    `${file}: OpenAPI ${openapi}, ${(Buffer.byteLength(text) / 1_000_000).toFixed(1)} of ${DESCRIPTION_LIMITS.bytes / 1_000_000} MB`,
  );
  print(
    `  ${operations.length} operations, ${tools.length} tools, ${names.size} names, read in ${seconds} s, ${memory} MB resident`,
  );
  print(
    `  ${tools.filter(({ definition }) => definition.outputSchema).length} with a result schema, largest definition ${Math.max(...bytes)} bytes`,
  );
  for (const [reason, lost] of Map.groupBy(operations, ({ problem }) => problem)) {
    if (reason !== null)
      print(
        `  ${String(lost.length).padStart(5)} not mapped, because ${reason}: ${lost
          .slice(0, 3)
          .map(({ key }) => key)
          .join(', ')}`,
      );
  }
  for (const [warning, warned] of Map.groupBy(
    tools.flatMap(({ warnings }) => warnings),
    (each) => each.replace(/[A-Z]+ \/\S*/, '…'),
  )) {
    print(`  ${String(warned.length).padStart(5)} warned: ${warning}`);
  }
  return names.size === operations.length && operations.every(({ tool, problem }) => (tool === null) !== (problem === null));
}

const installed = new InstalledPackages(join(import.meta.dirname, '..', '.subjects'));
const folder = await installed.installPackage(PACKAGE.name, PACKAGE.version);
for (const file of FILES) {
  const text = readFileSync(join(folder, 'node_modules', PACKAGE.name, 'generated', file), 'utf8');
  if (!report(file, text)) process.exitCode = 1;
}
