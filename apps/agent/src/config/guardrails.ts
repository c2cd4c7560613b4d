import { readFileSync } from 'node:fs';

import { parse } from 'yaml';
import type * as z from 'zod';

import { listTransportUrls, type SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import { isErrno } from '../state/disk.ts';
import type { Withheld } from './current.ts';
import { findWayToChange, type FileUser } from './guarded-path.ts';
import { GuardrailsFile } from './guardrails-file.ts';
import { describeUnhashed, listFileArguments, type StdioEntry } from './stdio-entry.ts';

/** The customer's own bounds on what any snapshot may do. The control plane can never widen them. */
export interface Guardrails {
  /** null: no file, strict defaults */
  path: string | null;
  stdio: ReadonlyMap<string, StdioEntry>;
  http: {
    /** `host`, `host:port` or `*.domain`; empty: any public host */
    hosts: readonly string[];
    /** the same forms; loopback, private and link-local addresses, and http without TLS, only through these */
    privateHosts: readonly string[];
  };
  /** credentials that may be named beside the secrets folder and the SECRET_ variables, with the origins that each may be sent to */
  credentials: ReadonlyMap<string, readonly string[]>;
  audit: { detail: 'shape' | 'marked' };
  /** how old the revocation log may be for calls to be served, milliseconds; null: as old as the lease allows */
  revocations: { maxAgeMs: number | null };
}

const OWN_MACHINE = "(On a developer's own machine: GATEHOUSE_ALLOW_OWN_GUARDRAILS=true.)";

/** The guardrails file is unsafe or wrong; one line. */
export class GuardrailsError extends Error {
  override readonly name = 'GuardrailsError';
}

/** Reads and checks the file; strict defaults when it is absent. Throws GuardrailsError with everything that is wrong. */
export function loadGuardrails(path: string, user: FileUser | null): Guardrails {
  const { guardrails, problems } = inspectGuardrails(path, user);
  if (problems.length > 0) throw new GuardrailsError(`${path}: ${problems.join('; ')}`);
  return guardrails;
}

/** What the file says and what is wrong with it. `user`: who must not be able to change it; null: anybody may. */
export function inspectGuardrails(path: string, user: FileUser | null): { guardrails: Guardrails; problems: string[] } {
  const strict = toGuardrails(null, GuardrailsFile.parse({}));
  const read = readGuarded(path, user);
  if (read.text === null) return { guardrails: strict, problems: read.problems };
  const parsed = parseFile(read.text);
  if (!parsed.file) return { guardrails: strict, problems: [...read.problems, ...parsed.problems] };
  const unhashed = Object.entries(parsed.file.stdio).flatMap(([name, entry]) =>
    [entry.command, ...listFileArguments(entry)]
      .filter((file) => entry.sha256[file] === undefined)
      .map((file) => describeUnhashed(name, file)),
  );
  return { guardrails: toGuardrails(path, parsed.file), problems: [...read.problems, ...unhashed] };
}

/** Whether a URL's host matches one of the patterns. A pattern without a port matches every port. */
export function matchesHost(patterns: readonly string[], url: URL): boolean {
  const host = url.hostname.toLowerCase().replace(/\.$/, '');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return patterns.some((pattern) => {
    const [, name = '', wantedPort] = /^(.*?)(?::(\d+))?$/.exec(pattern.toLowerCase()) ?? [];
    if (wantedPort !== undefined && wantedPort !== port) return false;
    return name.startsWith('*.') ? host.endsWith(name.slice(1)) && host.length > name.length - 1 : host === name;
  });
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
  if (matchesHost(http.privateHosts, url)) return [];
  if (url.protocol !== 'https:') {
    return [
      `server ${slug}: ${url.host} is not reached over https; name it in http.privateHosts of the guardrails to allow that`,
    ];
  }
  if (http.hosts.length > 0 && !matchesHost(http.hosts, url)) {
    return [`server ${slug}: ${url.host} is not among http.hosts of the guardrails`];
  }
  return [];
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

function toGuardrails(path: string | null, file: z.infer<typeof GuardrailsFile>): Guardrails {
  const credentials = new Map<string, string[]>();
  for (const { reference, origins } of file.credentials) {
    credentials.set(reference, [...(credentials.get(reference) ?? []), ...origins.map((url) => new URL(url).origin)]);
  }
  const { maxAgeMinutes } = file.revocations;
  const revocations = { maxAgeMs: maxAgeMinutes === null ? null : maxAgeMinutes * 60_000 };
  return { path, stdio: new Map(Object.entries(file.stdio)), http: file.http, credentials, audit: file.audit, revocations };
}

/** The text, null when there is none to read. A file that this user could change bounds nothing. */
function readGuarded(path: string, user: FileUser | null): { text: string | null; problems: string[] } {
  try {
    const way = user && findWayToChange(path, user);
    return { text: readFileSync(path, 'utf8'), problems: way === null ? [] : [`${way} ${OWN_MACHINE}`] };
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return { text: null, problems: [] };
    if (isErrno(error, 'EACCES', 'EISDIR', 'ENOTDIR', 'ELOOP'))
      return { text: null, problems: [`it cannot be read (${error.code})`] };
    throw error;
  }
}

function parseFile(text: string): { file: z.infer<typeof GuardrailsFile> | null; problems: string[] } {
  let value: unknown;
  try {
    value = parse(text) ?? {};
  } catch (error) {
    return { file: null, problems: [`it is not YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`] };
  }
  const { data, error } = GuardrailsFile.safeParse(value);
  if (data) return { file: data, problems: [] };
  return { file: null, problems: error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`) };
}
