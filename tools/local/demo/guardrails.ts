import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { Document, isSeq, parseDocument } from 'yaml';

import { findBubblewrap } from '../../../apps/agent/src/upstream/stdio/bubblewrap.ts';
import { LocalError, root, type Settings } from '../settings.ts';

const resolver = createRequire(join(root, 'apps/pilot/package.json'));
const hashFile = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

/**
 * Sees to it that the guardrails of the demo's agent allow the demo's own servers: the orders team's by address and with its token, two programs pinned by hash.
 * Whatever else a person wrote there stays. The programs run in a sandbox where bubblewrap works.
 * The agent may not be able to write the file. Returns its path; rejects with a LocalError when it cannot be used.
 */
export async function ensureGuardrails(settings: Settings): Promise<string> {
  const sandbox = 'program' in (await findBubblewrap(null)) ? 'required' : 'none';
  const file = join(settings.dataDir, 'guardrails.yaml');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : null;
  const document = before === null ? new Document({ audit: { detail: 'marked' } }) : parseDocument(before);
  try {
    const [problem] = document.errors;
    if (problem) throw problem;
    const orders = `127.0.0.1:${settings.ports.orders}`;
    admitItem(document, ['http', 'privateHosts'], orders);
    admitItem(document, ['credentials'], { reference: 'env:ORDERS_TOKEN', origins: [`http://${orders}`] });
    const research = makeResearchFolder(settings);
    const files = { sandbox, write: [research] };
    admitProgram(document, 'research-files', '@modelcontextprotocol/server-filesystem', research, files);
    admitProgram(document, 'everything', '@modelcontextprotocol/server-everything', 'stdio', { sandbox });
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

/** Adds an item to a list, unless it stands there. */
function admitItem(document: Document, path: string[], item: string | object): void {
  const list = document.getIn(path);
  if (list === undefined) document.setIn(path, document.createNode([item]));
  else if (!isSeq(list) || !list.items.some((known) => JSON.stringify(known) === JSON.stringify(item)))
    document.addIn(path, document.createNode(item));
}

/** Allows the program of an npm package, with one argument, as it is now: another Node or another version has another hash. */
function admitProgram(document: Document, name: string, packageName: string, argument: string, confinement: object): void {
  const node = realpathSync(process.execPath);
  const script = realpathSync(join(resolver.resolve(`${packageName}/package.json`), '..', 'dist/index.js'));
  const entry = {
    command: node,
    args: [script, argument],
    cwd: dirname(script),
    env: [],
    sha256: { [node]: hashFile(node), [script]: hashFile(script) },
    ...confinement,
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
