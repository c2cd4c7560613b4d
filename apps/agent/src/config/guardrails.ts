import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';

import { parse } from 'yaml';
import * as z from 'zod';

import { Sha256 } from '@gatehouse/policy/documents/sha256';
import { SecretReference, type Snapshot, type SnapshotServer, StdioEntryName } from '@gatehouse/policy/documents/snapshot';

import { isErrno } from '../state/disk.ts';
import { listFileArguments, type StdioEntry } from './stdio-entry.ts';

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
  /** the origins each secret reference may be sent to; null: first use binds it (credential-bindings.ts) */
  credentials: ReadonlyMap<string, readonly string[]> | null;
  audit: { detail: 'shape' | 'marked' };
}

/** The guardrails file is unsafe or wrong; one line. */
export class GuardrailsError extends Error {
  override readonly name = 'GuardrailsError';
}

/** Variables that make a program load other code than the hashed one. */
const LOADER_VARIABLE =
  /^(?:LD_|DYLD_|GATEHOUSE_)|^(?:NODE_OPTIONS|NODE_PATH|PYTHONPATH|PYTHONSTARTUP|RUBYOPT|PERL5OPT|BASH_ENV|ENV|JAVA_TOOL_OPTIONS)$/;

const AbsolutePath = z.string().max(4_096).refine(isAbsolute, 'must be an absolute path');
const Argument = z
  .string()
  .max(4_096)
  .regex(/^[^\0\r\n]*$/, 'must not hold a line break');
const HostPattern = z
  .string()
  .regex(/^(?:\*\.)?[A-Za-z0-9.-]+(?::\d{1,5})?$|^\[[0-9a-fA-F:.]+\](?::\d{1,5})?$/, 'must be host, host:port or *.domain');

const StdioEntryFile = z.strictObject({
  command: AbsolutePath,
  args: z.array(Argument).max(64).default([]),
  cwd: AbsolutePath,
  env: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
        .refine((name) => !LOADER_VARIABLE.test(name), 'may not be handed on'),
    )
    .max(64)
    .default([]),
  sha256: z.record(AbsolutePath, Sha256),
  maxProcesses: z.int().min(1).max(1_000).optional(),
  maxMemoryMb: z.int().min(16).max(1_048_576).optional(),
  idleMinutes: z.int().min(1).max(10_080).optional(),
});

const GuardrailsFile = z.strictObject({
  stdio: z
    .record(StdioEntryName, StdioEntryFile)
    .refine((entries) => Object.keys(entries).length <= 200, 'may name at most 200 entries')
    .default({}),
  http: z
    .strictObject({
      hosts: z.array(HostPattern).max(1_000).default([]),
      privateHosts: z.array(HostPattern).max(1_000).default([]),
    })
    .prefault({}),
  credentials: z
    .array(z.strictObject({ reference: SecretReference, origins: z.array(z.url({ protocol: /^https?$/ })).min(1) }))
    .optional(),
  audit: z.strictObject({ detail: z.enum(['shape', 'marked']).default('marked') }).prefault({}),
});

/** Reads and checks the file; strict defaults when it is absent. Throws GuardrailsError. */
export function loadGuardrails(path: string): Guardrails {
  const text = readGuarded(path);
  if (text === null) return toGuardrails(null, GuardrailsFile.parse({}));
  const parsed = GuardrailsFile.safeParse(parseYaml(text, path));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`);
    throw new GuardrailsError(`${path} is not valid: ${problems.join('; ')}`);
  }
  for (const [name, entry] of Object.entries(parsed.data.stdio)) {
    const unhashed = [entry.command, ...listFileArguments(entry)].filter((file) => entry.sha256[file] === undefined);
    if (unhashed.length > 0) throw new GuardrailsError(`${path}: stdio.${name} has no sha256 for ${unhashed.join(', ')}`);
  }
  return toGuardrails(path, parsed.data);
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
  const { credential } = transport;
  const own = new URL(transport.kind === 'http' ? transport.url : transport.baseUrl);
  const urls = credential?.kind === 'client_credentials' ? [own, new URL(credential.tokenUrl)] : [own];
  return urls.flatMap((url) => checkUrl(guardrails, server.slug, url));
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

/** The same for every server of a snapshot. */
export function checkSnapshot(guardrails: Guardrails, snapshot: Snapshot): string[] {
  return snapshot.content.servers.flatMap((server) => checkServer(guardrails, server));
}

function toGuardrails(path: string | null, file: z.infer<typeof GuardrailsFile>): Guardrails {
  const credentials = file.credentials?.map(
    ({ reference, origins }) => [reference, origins.map((url) => new URL(url).origin)] as const,
  );
  return {
    path,
    stdio: new Map(Object.entries(file.stdio)),
    http: file.http,
    credentials: credentials ? new Map(credentials) : null,
    audit: file.audit,
  };
}

/** The text; null when there is no file. A file that this process could change bounds nothing, so it is refused. */
function readGuarded(path: string): string | null {
  try {
    const { mode, uid, gid } = statSync(path);
    if ((mode & selectWriteBits(uid, gid)) !== 0) {
      throw new GuardrailsError(
        `${path} is writable by this agent. Make it read-only (chmod 444, or another owner) and start again.`,
      );
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null;
    if (isErrno(error, 'EACCES', 'EISDIR'))
      throw new GuardrailsError(`${path} cannot be read (${error.code}).`, { cause: error });
    throw error;
  }
}

/** Mode bits by which this process may write a file; root may use any of them. */
function selectWriteBits(uid: number, gid: number): number {
  const own = process.geteuid?.() ?? uid;
  if (own === 0) return 0o222;
  if (own === uid) return 0o222;
  const groups = [process.getegid?.(), ...(process.getgroups?.() ?? [])];
  return groups.includes(gid) ? 0o022 : 0o002;
}

function parseYaml(text: string, path: string): unknown {
  try {
    return parse(text) ?? {};
  } catch (error) {
    throw new GuardrailsError(`${path} is not YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`, {
      cause: error,
    });
  }
}
