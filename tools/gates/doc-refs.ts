import { existsSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';

import { root } from '../local/settings.ts';

// Every path that a document names must exist: relative links, and `paths` below a top-level folder. Two methods of MCP look like paths.

const TOP = /^(?:apps|packages|prisma|tools(?!\/(?:call|list)$)|infra|docs|\.github|\.ci)\//;
const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter(Boolean);

const missing = documents.flatMap((document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)].map((match) =>
    join(dirname(document), match[1] ?? ''),
  );
  const paths = [...text.matchAll(/`([^`\s*<>{}…]+)`/g)].map((match) => match[1] ?? '').filter((path) => TOP.test(path));
  return [...links, ...paths]
    .filter((path) => !existsSync(join(root, path)))
    .map((path) => `${document}: ${path} does not exist`);
});

for (const line of missing) process.stdout.write(`${line}\n`);
process.stdout.write(`${documents.length} documents, ${missing.length} dead references\n`);
process.exitCode = missing.length === 0 ? 0 : 1;
