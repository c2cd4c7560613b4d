import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { root } from '../local/settings.ts';

// Every path that a document names must exist: relative links, and `paths` below a top-level folder. Two methods of MCP look like paths.
// An optional argument names another folder than the repository.

const TOP = /^(?:apps|packages|prisma|tools(?!\/(?:call|list)$)|infra|docs|\.github|\.ci)\//;
const [folder = root] = process.argv.slice(2).map((path) => resolve(path));
const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: folder,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && !path.startsWith('tools/gates/canary/') && existsSync(join(folder, path)));

const missing = documents.flatMap((document) => {
  const text = readFileSync(join(folder, document), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)].map((match) =>
    join(dirname(document), match[1] ?? ''),
  );
  const paths = [...text.matchAll(/`([^`\s*<>{}…]+)`/g)].map((match) => match[1] ?? '').filter((path) => TOP.test(path));
  return [...links, ...paths]
    .filter((path) => !existsSync(join(folder, path)))
    .map((path) => `${document}: ${path} does not exist`);
});

for (const line of missing) process.stdout.write(`${line}\n`);
process.stdout.write(`${documents.length} documents, ${missing.length} dead references\n`);
process.exitCode = missing.length === 0 ? 0 : 1;
