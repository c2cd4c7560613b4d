import { isAbsolute, normalize } from 'node:path';

import * as z from 'zod';

import { Sha256 } from '@gatehouse/policy/documents/sha256';
import { SecretReference, StdioEntryName } from '@gatehouse/policy/documents/snapshot';

import { isLoaderVariable } from './loader-variables.ts';

const AbsolutePath = z.string().max(4_096).refine(isAbsolute, 'must be an absolute path');
const Argument = z
  .string()
  .max(4_096)
  .regex(/^[^\0\r\n]*$/, 'must not hold a line break');
const SandboxPaths = z
  .array(
    AbsolutePath.refine((path) => !/^\/(?:(?:proc|sys|dev)(?:\/|$)|$)/.test(normalize(path)), 'cannot be shown in a sandbox'),
  )
  .max(64);
const HostPattern = z
  .string()
  .regex(/^(?:\*\.)?[A-Za-z0-9.-]+(?::\d{1,5})?$|^\[[0-9a-fA-F:.]+\](?::\d{1,5})?$/, 'must be host, host:port or *.domain');

export const StdioEntryFile = z.strictObject({
  command: AbsolutePath.describe('Absolute path of the program, no symbolic link.'),
  args: z.array(Argument).max(64).default([]).describe('Its exact arguments.'),
  cwd: AbsolutePath.describe('The folder that it runs in.'),
  env: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
        .refine((name) => !isLoaderVariable(name), 'may not be handed on: it can make a program run other code'),
    )
    .max(64)
    .default([])
    .describe("Names of the variables that are handed on from the agent's own environment."),
  sha256: z.record(AbsolutePath, Sha256).describe('SHA-256 by path: of the command and of every argument that is a file.'),
  maxProcesses: z.int().min(1).max(1_000).optional().describe('Processes at one time. 16 when left out.'),
  maxMemoryMb: z
    .int()
    .min(16)
    .max(1_048_576)
    .optional()
    .describe('Memory of a process with all that it started. 1024 when left out.'),
  idleMinutes: z.int().min(1).max(10_080).optional().describe('An unused process is ended after this time. 10 when left out.'),
  sandbox: z
    .enum(['required', 'none'])
    .optional()
    .describe(
      "required: it is not started without a sandbox. none: it may do whatever the agent's user may. required when left out.",
    ),
  network: z
    .boolean()
    .optional()
    .describe('It reaches what this machine reaches, also what listens on loopback. false when left out.'),
  user: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, 'must be the name of a user')
    .refine((name) => name !== 'root', 'may not be root')
    .optional()
    .describe('Whose rights it has when the agent runs as root.'),
  read: SandboxPaths.optional().describe(
    'Files and folders that it sees in the sandbox beside its command, its arguments and cwd. When left out, the packages of its scripts.',
  ),
  write: SandboxPaths.optional().describe('Files and folders that it may change.'),
});

/** What may stand in a guardrails file. */
export const GuardrailsFile = z
  .strictObject({
    stdio: z
      .record(StdioEntryName, StdioEntryFile)
      .refine((entries) => Object.keys(entries).length <= 200, 'may name at most 200 entries')
      .default({})
      .describe('Programs that a configuration may name. It can name nothing else.'),
    http: z
      .strictObject({
        hosts: z.array(HostPattern).max(1_000).default([]).describe('Hosts of servers. Empty: any public host.'),
        privateHosts: z
          .array(HostPattern)
          .max(1_000)
          .default([])
          .describe('Loopback, private and link-local hosts, and hosts without TLS, that may be reached.'),
      })
      .prefault({}),
    credentials: z
      .array(
        z.strictObject({
          reference: SecretReference.describe('env:NAME or file:/absolute/path'),
          origins: z
            .array(z.url({ protocol: /^https?$/ }))
            .min(1)
            .describe('Where it may be sent: https://host[:port]'),
        }),
      )
      .max(1_000)
      .default([])
      .describe('Credentials that a configuration may name, beside the secrets folder and the SECRET_ variables.'),
    audit: z
      .strictObject({ detail: z.enum(['shape', 'marked']).default('marked').describe('shape: not even marked values leave.') })
      .prefault({}),
    revocations: z
      .strictObject({
        maxAgeMinutes: z
          .int()
          .min(15)
          .max(525_600)
          .nullable()
          .default(null)
          .describe('Calls are refused when the control plane has not confirmed the list of revocations for so long.'),
      })
      .prefault({}),
  })
  .describe('Guardrails of a Gatehouse agent: what no configuration can override.');

/** The JSON schema of the file, for editors. */
export function buildGuardrailsSchema(): object {
  return { title: 'guardrails.yaml', ...z.toJSONSchema(GuardrailsFile, { io: 'input' }) };
}
