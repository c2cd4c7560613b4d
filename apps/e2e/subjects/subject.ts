import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type { InstalledPackages } from '../src/installed-packages.ts';

/** Where a subject gets its data from. */
export interface SubjectPlace {
  /** an empty folder for this subject, removed at the end */
  folder: string;
  /** PostgreSQL with one table `item(id, name)`; null in runs without a database */
  postgresUrl: string | null;
}

/** A harmless call, and what to leave out of its answer because it differs from one call to the next. */
export interface SubjectCall {
  tool: string;
  arguments?: Record<string, unknown>;
  ignore?: RegExp;
}

/** How one subject is started, and what it is asked. */
export interface SubjectRun {
  /** arguments after the script; `env` is all it gets beside PATH and HOME */
  args: string[];
  env?: Record<string, string>;
  cwd?: string;
  /** set when it is reached over HTTP: it is started once, for both ways */
  http?: { url: string; sse?: boolean };
  /** sent by direct clients; the agent sends it from a reference to its environment */
  bearer?: string;
  calls: SubjectCall[];
}

/** A published MCP server that knows nothing of Gatehouse. */
export interface Subject {
  name: string;
  /** null: a program of this repository */
  package: { name: string; version: string } | null;
  bin: string;
  needsPostgres?: boolean;
  prepare(place: SubjectPlace): Promise<SubjectRun> | SubjectRun;
}

const require = createRequire(import.meta.url);

/** The script behind a subject's command: from this repository's own node_modules when `installed` is null, else installed first. */
export async function resolveScript(subject: Subject, installed: InstalledPackages | null): Promise<string> {
  if (!subject.package) return join(import.meta.dirname, '..', '..', '..', subject.bin);
  const { name, version } = subject.package;
  if (installed) return realpathSync(await installed.resolveCommand(name, version, subject.bin));
  return join(dirname(require.resolve(`${name}/package.json`)), 'dist', 'index.js');
}
