import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve, sep } from 'node:path';

import * as z from 'zod';

import { formatInputProblem, listInputProblems } from '@gatehouse/process/input-problems';
import { formatPosixWord } from '@gatehouse/process/shell-command';

import { isErrno } from '../../state/disk.ts';
import { parseJson } from '../../state/parse-json.ts';
import { describeMissing, findFileProblem, findMissingScript, findWordsProblem } from './command-words.ts';
import { StdioEntryFile } from './guardrails-file.ts';
import { hashFile, listFileArguments, type StdioEntry } from './stdio-entry.ts';
import { findCodeFolder, listCodeFolders } from './stdio-folders.ts';

/** The command cannot become an entry; one line with what to do instead. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
}

/** Where the command is looked up: what a shell of the person who asks would do. */
export interface CommandPlace {
  cwd: string;
  /** folders of PATH and the home of npm's cache */
  environment: Readonly<Record<string, string | undefined>>;
  /** the Node that runs scripts */
  node: string;
}

export interface DescribedCommand {
  entry: StdioEntry;
  /** what no hash of the entry covers, and which package it is */
  notes: string[];
}

interface Program {
  command: string;
  args: readonly string[];
  /** what no hash of the entry covers */
  notes: readonly string[];
}

const Manifest = z.object({ version: z.string(), bin: z.union([z.string(), z.record(z.string(), z.string())]).optional() });

/**
 * The entry of the guardrails for a command as people type it: absolute, exact arguments, every file with its hash. Nothing is run and nothing
 * fetched. Rejects with CommandRefused.
 */
export async function describeCommand(words: readonly string[], place: CommandPlace): Promise<DescribedCommand> {
  try {
    return await buildEntry(words, place);
  } catch (error) {
    if (!isErrno(error, 'EACCES', 'EPERM') || error.path === undefined) throw error;
    const why = `${error.path} cannot be read by who runs this, so that it has no hash.`;
    throw new CommandRefused(`${why} Run it as a user who may read the file, or give it to this one.`, { cause: error });
  }
}

async function buildEntry(words: readonly string[], place: CommandPlace): Promise<DescribedCommand> {
  if (!statSync(place.cwd, { throwIfNoEntry: false })?.isDirectory())
    throw new CommandRefused(`${resolve(place.cwd)} is no folder. Name the one that the command runs in: --cwd /opt/mcp`);
  const { command, args, notes } = resolveProgram(words, place);
  const cwd = realpathSync(place.cwd);
  refuseProblem(findMissingScript(command, args, cwd));
  const files = [command, ...listFileArguments({ args, cwd })];
  const linked = files.find((file) => realpathSync(file) !== file);
  if (linked !== undefined) throw new CommandRefused(`${linked} is a symbolic link. Name ${realpathSync(linked)} itself.`);
  const hashes = await Promise.all(files.map(async (file) => [file, await hashFile(file)] as const));
  const confinement = { sandbox: 'required', network: false, read: listCodeFolders({ args, cwd }), write: [] };
  const parsed = StdioEntryFile.safeParse({ command, args, cwd, env: [], sha256: Object.fromEntries(hashes), ...confinement });
  if (parsed.success) return { entry: parsed.data, notes: [...notes] };
  throw new CommandRefused(listInputProblems(parsed.error).map(formatInputProblem).join('\n'));
}

function resolveProgram(words: readonly string[], place: CommandPlace): Program {
  const [typed = '', ...args] = words;
  const name = typed.split(sep).at(-1) ?? '';
  if (name === 'npx') return resolvePackage(args, place);
  refuseProblem(findWordsProblem(words));
  const file = findCommand(typed, place);
  refuseProblem(findFileProblem(file));
  return resolveFile(file, args, place);
}

/** A script is run by the interpreter that its first line names, because that is what gets started, not the script. */
function resolveFile(file: string, args: readonly string[], place: CommandPlace): Program {
  const [, line] = /^#!\s*([^\n]+)/.exec(readStart(file)) ?? [];
  if (line === undefined) return { command: file, args, notes: listNotes(file, args) };
  const words = line.trim().split(/\s+/);
  const named = words[0]?.endsWith('/env') ? words.slice(words[1] === '-S' ? 2 : 1) : words;
  const [interpreter = '', ...flags] = named;
  const isNode = interpreter.split(sep).at(-1) === 'node';
  const command = isNode ? realpathSync(place.node) : findCommand(interpreter, place, `The first line of ${file} names it: `);
  return { command, args: [...flags, file, ...args], notes: listNotes(command, [...flags, file]) };
}

function readStart(file: string): string {
  const start = Buffer.alloc(1_000);
  const handle = openSync(file, 'r');
  try {
    return start.toString('latin1', 0, readSync(handle, start));
  } finally {
    closeSync(handle);
  }
}

function listNotes(command: string, args: readonly string[]): string[] {
  const name = command.split(sep).at(-1) ?? '';
  if (/^(?:docker|podman|nerdctl)$/.test(name)) {
    return ['An image is no file: no hash of this entry covers it. Name it by digest (image@sha256:…).'];
  }
  if (name.startsWith('python') && args.includes('-m')) {
    return [
      'A module that is named with -m is no file: no hash covers it. Give the path of its script, or keep its folder writable by root only.',
    ];
  }
  const script = args.find((argument) => isAbsolute(argument));
  if (script === undefined) return [];
  return [
    `The hashes do not cover what ${script} loads. Keep ${findCodeFolder(script) ?? dirname(script)} writable by root only.`,
  ];
}

/** `npx` without its download: the file that the installed package would run. */
function resolvePackage(words: readonly string[], place: CommandPlace): Program {
  const { spec, bin, args } = readNpxWords(words);
  const [, name = '', wanted] = /^(@[^/@]+\/[^@]+|[^@/]+)(?:@(.+))?$/.exec(spec) ?? [];
  const folder = name === '' ? undefined : listPackageFolders(name, place).find((path) => existsSync(join(path, 'package.json')));
  if (folder === undefined) {
    throw new CommandRefused(
      `${spec} is not installed, and npx would fetch it at each start, which no hash can bind. Install it (as root: npm install --prefix /opt/mcp ${formatPosixWord(spec)}), then run this again there.`,
    );
  }
  const manifest = parseJson(readFileSync(join(folder, 'package.json'), 'utf8'), Manifest);
  if (!manifest) throw new CommandRefused(`${folder}/package.json cannot be read.`);
  if (wanted !== undefined && /^\d+\.\d+\.\d+/.test(wanted) && wanted !== manifest.version) {
    throw new CommandRefused(
      `${folder} holds version ${manifest.version}, not ${wanted}. Install that one, then run this again.`,
    );
  }
  const bins = typeof manifest.bin === 'string' ? { [name]: manifest.bin } : (manifest.bin ?? {});
  const chosen =
    bins[bin ?? name.split('/').at(-1) ?? ''] ?? (Object.keys(bins).length === 1 ? Object.values(bins)[0] : undefined);
  if (chosen === undefined) {
    throw new CommandRefused(
      `${name} has ${Object.keys(bins).join(', ') || 'no command'}: say which one with npx --package ${formatPosixWord(spec)} COMMAND.`,
    );
  }
  const program = resolveFile(realpathSync(join(folder, chosen)), args, place);
  const cached = folder.includes(`${sep}_npx${sep}`)
    ? [`${folder} is npm's cache, which npm may empty. Better install the server to a folder of its own.`]
    : [];
  return { ...program, notes: [`${name} ${manifest.version}`, ...program.notes, ...cached] };
}

function readNpxWords(words: readonly string[]): { spec: string; bin?: string; args: readonly string[] } {
  let spec: string | undefined;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (/^(?:-y|--yes|-q|--quiet|--)$/.test(word)) continue;
    const [, inline] = /^--package=(.+)$/.exec(word) ?? [];
    if (inline !== undefined) spec = inline;
    else if (word === '-p' || word === '--package') spec = words[(index += 1)];
    else if (word.startsWith('-'))
      throw new CommandRefused(`npx ${word} is not understood here. Give the package and its arguments alone.`);
    else
      return spec === undefined
        ? { spec: word, args: words.slice(index + 1) }
        : { spec, bin: word, args: words.slice(index + 1) };
  }
  throw new CommandRefused('npx needs a package.');
}

/** Where npm would have put it: beside this folder or above, globally, or in npx's own cache. */
function listPackageFolders(name: string, { cwd, environment, node }: CommandPlace): string[] {
  const folders: string[] = [];
  for (let at = resolve(cwd); ; at = dirname(at)) {
    folders.push(join(at, 'node_modules'));
    if (dirname(at) === at) break;
  }
  const global = listPath(environment).map((folder) => join(folder, '../lib/node_modules'));
  const cache = join(environment['npm_config_cache'] ?? join(environment['HOME'] ?? '/', '.npm'), '_npx');
  const cached = existsSync(cache) ? readdirSync(cache).map((entry) => join(cache, entry, 'node_modules')) : [];
  return [...folders, join(dirname(realpathSync(node)), '../lib/node_modules'), ...global, ...cached].map((path) =>
    join(path, name),
  );
}

/** `why`: who names it, where that is not the person. */
function findCommand(typed: string, { cwd, environment }: CommandPlace, why = ''): string {
  const places = typed.includes(sep) ? [resolve(cwd, typed)] : listPath(environment).map((folder) => join(folder, typed));
  const found = places.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (found === undefined) throw new CommandRefused(why + describeMissing(typed, cwd));
  return realpathSync(found);
}

function refuseProblem(problem: string | null): void {
  if (problem !== null) throw new CommandRefused(problem);
}

function listPath(environment: CommandPlace['environment']): string[] {
  return (environment['PATH'] ?? '').split(delimiter).filter(isAbsolute);
}
