import { lstatSync } from 'node:fs';

import { LimitName, type LimitTimes } from '@gatehouse/policy/documents/server-limits';
import { listTransportUrls, type SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { formatInputProblem } from '@gatehouse/process/input-problems';

import { isErrno } from '../../state/disk.ts';
import { readBytesOf, UnreadableFile } from '../../state/read-file.ts';
import type { Withheld } from '../current.ts';
import { findWayToChange, type FileUser } from './guarded-path.ts';
import type { SoundParts } from './guardrails-file.ts';
import { readGuardrailsText } from './guardrails-text.ts';
import { findBarrier, type HostBounds } from './host-pattern.ts';
import { describeUnhashed, listFileArguments, type StdioEntry } from './stdio-entry.ts';

/** The customer's own bounds on what any snapshot may do. The control plane can never widen them. */
export interface Guardrails {
  /** null: no file, strict defaults */
  path: string | null;
  stdio: ReadonlyMap<string, StdioEntry>;
  http: HostBounds;
  /** credentials that may be named beside the secrets folder and the SECRET_ variables, with the origins that each may be sent to */
  credentials: ReadonlyMap<string, readonly string[]>;
  audit: { detail: 'shape' | 'marked' };
  /** how old the revocation log may be for calls to be served, milliseconds; null: as old as the lease allows */
  revocations: { maxAgeMs: number | null };
  /** the longest that a server may take, milliseconds; what is left out is for the configuration to say */
  limits: Partial<LimitTimes>;
}

const OWN_MACHINE = "(On a developer's own machine: GATEHOUSE_ALLOW_OWN_GUARDRAILS=true.)";

/** Many times what a site writes, and little enough to be read in a moment. */
const MOST_BYTES = 1_000_000;
const NAME_ANOTHER = 'Put the file there, for the user of the agent to read, or name another one: GATEHOUSE_GUARDRAILS_FILE.';
const NOT_UTF8 = 'is not UTF-8 text. Save it in that encoding.';
const LEADS_NOWHERE = `is a symbolic link that leads nowhere. ${NAME_ANOTHER}`;

/** The guardrails file is unsafe or wrong; one line for each problem. */
export class GuardrailsError extends Error {
  override readonly name = 'GuardrailsError';
}

/** Reads and checks the file; strict defaults when it is absent. Rejects with GuardrailsError, with everything that is wrong. */
export async function loadGuardrails(path: string, user: FileUser | null): Promise<Guardrails> {
  const { guardrails, problems } = await inspectGuardrails(path, user);
  if (problems.length > 0) throw new GuardrailsError(problems.join('\n'));
  return guardrails;
}

export interface Inspected {
  /** by what is right of the file; for use only when nothing is wrong */
  guardrails: Guardrails;
  /** there is a file, and nothing stands in it but comments */
  isEmpty: boolean;
  /** all that is wrong, each as `file:line: place: what is wrong and what to write` */
  problems: string[];
}

/** What the file says and what is wrong with it. `user`: who must not be able to change it; null: anybody may. */
export async function inspectGuardrails(path: string, user: FileUser | null): Promise<Inspected> {
  const read = readGuarded(path, user);
  const unsafe = read.problems.map((problem) => `${path}: ${problem}`);
  const { parts, isEmpty, http, problems, findLine } = await readGuardrailsText(read.text ?? '');
  const unhashed = Object.entries(parts.stdio).flatMap(([name, entry]) =>
    (entry === null ? [] : listUnhashed(entry)).map(
      (file) => `${formatPlace(path, findLine(['stdio', name]))}${describeUnhashed(name, file)}`,
    ),
  );
  const wrong = problems.map(({ line, ...problem }) => `${formatPlace(path, line)}${formatInputProblem(problem)}`);
  return {
    guardrails: toGuardrails(read.text === null ? null : path, parts, http),
    isEmpty: read.text !== null && isEmpty,
    problems: [...unsafe, ...wrong, ...unhashed],
  };
}

function formatPlace(path: string, line: number | null): string {
  return line === null ? `${path}: ` : `${path}:${line}: `;
}

function listUnhashed(entry: StdioEntry): string[] {
  return [entry.command, ...listFileArguments(entry)].filter((file) => entry.sha256[file] === undefined);
}

/** Reasons why this server is out of bounds, from what its definition says; addresses are checked again when they are dialled. */
export function checkServer(guardrails: Guardrails, server: SnapshotServer): string[] {
  const { transport } = server;
  if (transport.kind === 'stdio') {
    if (guardrails.stdio.has(transport.entry)) return [];
    return [`server ${server.slug}: no stdio entry "${transport.entry}" in the guardrails of this agent`];
  }
  return listTransportUrls(transport).flatMap((url) => checkUrl(guardrails, server.slug, new URL(url)));
}

function checkUrl({ http }: Guardrails, slug: string, url: URL): string[] {
  if (url.username || url.password) return [`server ${slug}: the address holds a password; use a credential reference`];
  const barrier = findBarrier(http, url);
  return barrier === null ? [] : [`server ${slug}: ${barrier}`];
}

/** The servers of a configuration that are out of bounds here, by id. Each takes itself out, so that none of them holds up the rest. */
export function findOutOfBounds(guardrails: Guardrails, servers: Iterable<SnapshotServer>): Map<string, Withheld> {
  const withheld = new Map<string, Withheld>();
  for (const server of servers) {
    const problems = checkServer(guardrails, server);
    if (problems.length > 0) withheld.set(server.id, { kind: 'server', code: 'guardrail', reason: problems.join('; ') });
  }
  return withheld;
}

function toGuardrails(path: string | null, parts: SoundParts, http: HostBounds): Guardrails {
  const { stdio, credentials, audit, revocations, limits } = parts;
  const { maxAgeMinutes } = revocations;
  return {
    path,
    stdio: new Map(Object.entries(stdio).flatMap(([name, entry]) => (entry === null ? [] : [[name, entry] as const]))),
    http,
    credentials: new Map(credentials.flatMap((credential) => toOffer(credential) ?? [])),
    audit,
    revocations: { maxAgeMs: maxAgeMinutes === null ? null : maxAgeMinutes * 60_000 },
    limits: toLimitCaps(limits),
  };
}

function toLimitCaps({ startSeconds, answerSeconds, silenceSeconds, totalSeconds }: SoundParts['limits']): Partial<LimitTimes> {
  const seconds = { start: startSeconds, answer: answerSeconds, silence: silenceSeconds, total: totalSeconds };
  return Object.fromEntries(
    LimitName.options.flatMap((name) => (seconds[name] === undefined ? [] : [[name, seconds[name] * 1_000]])),
  );
}

function toOffer(credential: SoundParts['credentials'][number]): [string, string[]][] | null {
  if (credential === null || credential.reference === null) return null;
  return [[credential.reference, credential.origins.flatMap((origin) => (origin === null ? [] : new URL(origin).origin))]];
}

/** The text, null when there is none to read. A file that this user could change bounds nothing. */
function readGuarded(path: string, user: FileUser | null): { text: string | null; problems: string[] } {
  try {
    const way = user && findWayToChange(path, user);
    const text = decodeText(readBytesOf(path, MOST_BYTES));
    const unsafe = way === null ? [] : [`${way} ${OWN_MACHINE}`];
    return { text, problems: text === null ? [...unsafe, NOT_UTF8] : unsafe };
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return { text: null, problems: isThere(path) ? [LEADS_NOWHERE] : [] };
    if (error instanceof UnreadableFile) return { text: null, problems: [`${error.problem} ${NAME_ANOTHER}`] };
    if (isErrno(error, 'EACCES', 'ENOTDIR', 'ELOOP'))
      return { text: null, problems: [`cannot be read (${error.code}). ${NAME_ANOTHER}`] };
    throw error;
  }
}

/** Null for bytes that are no UTF-8, of which a reader would make other words than were written. */
function decodeText(bytes: Buffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

/** A link that leads nowhere is there, and means that there should be guardrails. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
