import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { Document, isScalar, isSeq, parseDocument } from 'yaml';

import { LocalError, root, type Settings } from '../settings.ts';

const resolver = createRequire(join(root, 'apps/pilot/package.json'));
const hashFile = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

/**
 * Sees to it that the guardrails of the demo's agent allow the demo's own servers: the orders team's by address, two programs pinned by hash.
 * Whatever else a person wrote there stays. The agent may not be able to write the file. Returns its path; throws a LocalError when it cannot be used.
 */
export function ensureGuardrails(settings: Settings): string {
  const file = join(settings.dataDir, 'guardrails.yaml');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : null;
  const document = before === null ? new Document({ audit: { detail: 'marked' } }) : parseDocument(before);
  try {
    const [problem] = document.errors;
    if (problem) throw problem;
    admitHost(document, `127.0.0.1:${settings.ports.orders}`);
    admitProgram(document, 'research-files', '@modelcontextprotocol/server-filesystem', makeResearchFolder(settings));
    admitProgram(document, 'everything', '@modelcontextprotocol/server-everything', 'stdio');
  } catch (cause) {
    const [reason] = cause instanceof Error ? cause.message.split('\n', 1) : [String(cause)];
    throw new LocalError(`${file} cannot be used: ${reason} Mend it, or delete it and the demo writes its own.`, { cause });
  }
  const after = document.toString();
  if (after !== before) {
    writeFileSync(`${file}.tmp`, after);
    renameSync(`${file}.tmp`, file);
  }
  chmodSync(file, 0o444);
  return file;
}

function admitHost(document: Document, host: string): void {
  const path = ['http', 'privateHosts'];
  const hosts = document.getIn(path);
  if (hosts === undefined) document.setIn(path, [host]);
  else if (!isSeq(hosts) || !hosts.items.some((item) => isScalar(item) && item.value === host)) document.addIn(path, host);
}

/** Allows the program of an npm package, with one argument, as it is now: another Node or another version has another hash. */
function admitProgram(document: Document, name: string, packageName: string, argument: string): void {
  const node = realpathSync(process.execPath);
  const script = realpathSync(join(resolver.resolve(`${packageName}/package.json`), '..', 'dist/index.js'));
  const entry = {
    command: node,
    args: [script, argument],
    cwd: dirname(script),
    env: [],
    sha256: { [node]: hashFile(node), [script]: hashFile(script) },
  };
  if (JSON.stringify(document.getIn(['stdio', name])) !== JSON.stringify(entry)) document.setIn(['stdio', name], entry);
}

/** The folder that the demo's file server reads. Made once: what is in it then belongs to who uses the demo. */
function makeResearchFolder(settings: Settings): string {
  const folder = join(settings.dataDir, 'research');
  if (existsSync(folder)) return folder;
  mkdirSync(folder);
  writeFileSync(join(folder, 'readme.txt'), 'Notes of the research team.\nThe quarterly survey is in survey.txt.\n');
  writeFileSync(join(folder, 'survey.txt'), 'Question 1: 42 answers.\nQuestion 2: 17 answers.\n');
  return folder;
}
