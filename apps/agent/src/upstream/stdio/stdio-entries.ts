import { existsSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';

import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import {
  describeMissing,
  listFileArguments,
  listFolderArguments,
  openStdioEntry,
  StdioEntryRefused,
  type StdioEntry,
} from '../../config/guardrails/stdio-entry.ts';
import { listCodeFolders } from '../../config/guardrails/stdio-folders.ts';
import { isOfSystem } from '../../config/guardrails/system-path.ts';
import { findSystemUser, type SystemUser } from '../../config/guardrails/system-user.ts';
import { buildCommand, findBubblewrap, listVisible, type Bubblewrap, type View } from './bubblewrap.ts';

/** How the process of an entry is started here. */
export interface Launch {
  command: string;
  args: readonly string[];
  cwd: string;
  /** its whole environment */
  env: Readonly<Record<string, string | undefined>>;
  /** null: the agent's own */
  user: SystemUser | null;
  /** what is started first is the sandbox; the program itself is started by it */
  sandboxed: boolean;
  /** of system calls, for the sandbox to put before the program; null: none */
  filter: Buffer | null;
}

/** An entry whose files are those that were allowed. */
export interface OpenedEntry {
  entry: StdioEntry;
  launch: Launch;
}

export interface StdioEntriesOptions {
  entries: ReadonlyMap<string, StdioEntry>;
  /** of which an entry gets the variables that it names */
  environment: Readonly<Record<string, string | undefined>>;
  /** files and folders of the agent itself that no entry may see */
  ownPaths: readonly string[];
  /** left out: the bubblewrap of this machine */
  find?: typeof findBubblewrap;
}

type Way = { kind: 'bubblewrap'; bubblewrap: Bubblewrap; user: SystemUser | null } | { kind: 'bare'; user: SystemUser | null };

/** The stdio entries of the guardrails, and how each runs on this machine: in a sandbox, as another user, or not at all. */
export class StdioEntries {
  readonly #options: StdioEntriesOptions;
  readonly #ways: ReadonlyMap<string, Way | StdioEntryRefused>;

  private constructor(options: StdioEntriesOptions, ways: ReadonlyMap<string, Way | StdioEntryRefused>) {
    this.#options = options;
    this.#ways = ways;
  }

  /** Finds out what this machine can do, once. */
  static async open(options: StdioEntriesOptions): Promise<StdioEntries> {
    const ways = new Map<string, Way | StdioEntryRefused>();
    const found = new Map<number | undefined, ReturnType<typeof findBubblewrap>>();
    const findOnce = (user: SystemUser | null) => {
      const bubblewrap = found.get(user?.uid) ?? (options.find ?? findBubblewrap)(user);
      found.set(user?.uid, bubblewrap);
      return bubblewrap;
    };
    for (const [name, entry] of options.entries) {
      const way = await chooseWay(name, entry, { ownPaths: options.ownPaths, findOnce }).catch((error: unknown) => {
        if (error instanceof StdioEntryRefused) return error;
        throw error;
      });
      ways.set(name, way);
    }
    return new StdioEntries(options, ways);
  }

  /** Verifies the files of an entry now. Rejects with StdioEntryRefused. */
  async open(name: string): Promise<OpenedEntry> {
    const { entries, environment, ownPaths } = this.#options;
    const entry = await openStdioEntry(entries, name);
    const way = this.#ways.get(name);
    if (!way || way instanceof StdioEntryRefused) throw way ?? new StdioEntryRefused(`stdio entry "${name}" is not known.`);
    const { command, args, cwd } = entry;
    const env = Object.fromEntries(entry.env.map((variable) => [variable, environment[variable]]));
    const { user } = way;
    if (way.kind === 'bare') return { entry, launch: { command, args, cwd, env, user, sandboxed: false, filter: null } };
    const view = describeView(entry);
    refuseMissing(name, view);
    // another program may have put a link where a folder was
    refuseOwnPaths(name, view, ownPaths);
    const { bubblewrap } = way;
    const { program, filter } = bubblewrap;
    const inside = buildCommand(view, bubblewrap, command, args);
    return { entry, launch: { command: program, args: inside, cwd: '/', env, user, sandboxed: true, filter } };
  }

  /** Why a server is not started here; null when it is, or is no program. */
  explain({ transport }: Pick<SnapshotServer, 'transport'>): string | null {
    const way = transport.kind === 'stdio' ? this.#ways.get(transport.entry) : null;
    return way instanceof StdioEntryRefused ? way.message : null;
  }

  /** Every entry that is not started here, with the reason. */
  listRefusals(): string[] {
    return [...this.#ways.values()].flatMap((way) => (way instanceof StdioEntryRefused ? [way.message] : []));
  }

  /** How each entry that is started here runs, one line each. */
  describe(): string[] {
    return [...this.#options.entries].flatMap(([name, entry]) => {
      const way = this.#ways.get(name);
      return !way || way instanceof StdioEntryRefused ? [] : [`stdio entry "${name}" runs ${describeWay(way, entry)}.`];
    });
  }
}

interface Machine {
  ownPaths: readonly string[];
  findOnce: typeof findBubblewrap;
}

async function chooseWay(name: string, entry: StdioEntry, { ownPaths, findOnce }: Machine): Promise<Way> {
  const user = findUser(name, entry);
  if (entry.sandbox === 'none') return { kind: 'bare', user };
  const bubblewrap = await findOnce(user);
  if ('program' in bubblewrap) {
    refuseOwnPaths(name, describeView(entry), ownPaths);
    return { kind: 'bubblewrap', bubblewrap, user };
  }
  if (user && entry.network === true) return { kind: 'bare', user };
  // another user is kept from files and processes, not from the network
  const other = isRoot() ? `${user ? 'write' : 'give the entry a user and'} network: true, or ` : '';
  throw new StdioEntryRefused(
    `stdio entry "${name}" is not started without a sandbox. ${bubblewrap.problem} Mend that, or in the guardrails ${other}write sandbox: none.`,
  );
}

/** Null: the agent's own. Only root can become another. */
function findUser(name: string, { user: wanted }: StdioEntry): SystemUser | null {
  if (wanted === undefined || !isRoot()) return null;
  const user = findSystemUser(wanted);
  if (!user) throw new StdioEntryRefused(`stdio entry "${name}": there is no user ${wanted} on this machine.`);
  if (user.uid === 0) throw new StdioEntryRefused(`stdio entry "${name}": the user ${wanted} is root.`);
  return user;
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

function describeView(entry: StdioEntry): View {
  const { command, cwd, network = false, write = [] } = entry;
  const read = entry.read ?? listCodeFolders(entry);
  const named = [...listFileArguments(entry), ...listFolderArguments(entry)].filter((path) => !isOfSystem(path));
  return { read: [command, ...named, ...read], write, cwd, network };
}

/** Nothing of the agent is shown, neither by itself nor in a folder above or below it. */
function refuseOwnPaths(name: string, view: View, ownPaths: readonly string[]): void {
  const own = ownPaths.flatMap((path) => [path, resolveReal(path)]);
  for (const path of listVisible(view)) {
    const met = own.find((secret) => [path, resolveReal(path)].some((shown) => isBelow(shown, secret) || isBelow(secret, shown)));
    if (met === undefined) continue;
    throw new StdioEntryRefused(
      `stdio entry "${name}" would see ${met}, which is the agent's own, through ${path}. Give it a folder apart from that (cwd, args, read, write).`,
    );
  }
}

function refuseMissing(name: string, { read, write, cwd }: View): void {
  const missing = [...read, ...write, cwd].find((path) => !existsSync(path));
  if (missing !== undefined) throw new StdioEntryRefused(describeMissing(name, missing));
}

function resolveReal(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}

function describeWay(way: Way, { network, sandbox }: StdioEntry): string {
  const user = way.user ? `, as user ${way.user.uid}` : '';
  if (way.kind === 'bubblewrap') return `in a sandbox (${way.bubblewrap.program}) ${network ? 'with' : 'without'} network${user}`;
  return `without a sandbox${sandbox === 'none' ? ', as it says' : ''}${user}, with all that its user may`;
}
