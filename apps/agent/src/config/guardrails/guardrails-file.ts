import { normalize } from 'node:path';

import * as z from 'zod';

import { readHttpOrigin } from '@gatehouse/network/http-origin';
import { LONGEST_LIMITS, type LimitName } from '@gatehouse/policy/documents/server-limits';
import { Sha256 } from '@gatehouse/policy/documents/sha256';
import { SecretReference, StdioEntryName } from '@gatehouse/policy/documents/snapshot';

import { findPatternProblem } from './host-pattern.ts';
import { isLoaderVariable } from './loader-variables.ts';
import { isOfSystem } from './system-path.ts';

/** A text that `findProblem` finds nothing wrong with. Editors know no more of that than the pattern. */
const createText = (findProblem: (text: string) => string | null, pattern: string) =>
  z
    .string()
    .superRefine((text, context) => {
      const problem = findProblem(text);
      if (problem !== null) context.addIssue(problem);
    })
    .meta({ pattern });

const AbsolutePath = z.string().max(4_096).regex(/^\//, 'must be an absolute path, as /opt/mcp/server.js');
const Argument = z
  .string()
  .max(4_096)
  .regex(/^[^\0\r\n]*$/, 'must not hold a line break');
const SandboxPaths = z
  .array(
    AbsolutePath.refine(
      (path) => !isOfSystem(path) && normalize(path) !== '/',
      'cannot be shown in a sandbox, which has a /proc, /sys and /dev of its own: name a file or folder elsewhere',
    ),
  )
  .max(64);
const HostPattern = createText(findPatternProblem, '^(?:(?:\\*\\.)?[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(?::[1-9]\\d{0,4})?$');
const OwnDomain = createText(
  (text) => (/[*:[\]]/.test(text) ? 'must be a domain alone, without a wildcard or port' : findPatternProblem(text)),
  '^[A-Za-z0-9._-]+$',
);
const Origin = createText((text) => readHttpOrigin(text).problem, '^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@*\\\\\\s]+/?$');
const OfferedReference = SecretReference.refine(
  (reference) => !reference.startsWith('env:GATEHOUSE_'),
  "is one of the agent's own variables, which are never offered: name another one",
).refine(
  (reference) => !isOfSystem(reference.replace(/^file:/, '')),
  'lies in /proc, /sys or /dev, of which nothing is offered: name a file elsewhere',
);

export const StdioEntryFile = z.strictObject({
  command: AbsolutePath.describe('Absolute path of the program, no symbolic link.'),
  args: z.array(Argument).max(64).default([]).describe('Its exact arguments.'),
  cwd: AbsolutePath.describe('The folder that it runs in.'),
  env: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable alone, without a value')
        .refine(
          (name) => !isLoaderVariable(name),
          'may not be handed on: it can make a program run other code. Take it out; put settings into the arguments',
        ),
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

const OfferedCredential = z.strictObject({
  reference: OfferedReference.describe('env:NAME or file:/absolute/path'),
  origins: z.array(Origin).min(1).max(100).describe('Where it may be sent: https://host[:port]'),
});

const defineMost = (name: LimitName, what: string) =>
  z
    .int()
    .min(1)
    .max(LONGEST_LIMITS[name] / 1_000)
    .optional()
    .describe(`${what} Left out: as long as the control plane says.`);

/** The longest that a configuration may let a server take. */
const MostLimits = z.strictObject({
  startSeconds: defineMost('start', 'Most seconds until a server can be used.'),
  answerSeconds: defineMost('answer', 'Most seconds until it begins to answer.'),
  silenceSeconds: defineMost('silence', 'Most seconds between two signs of life.'),
  totalSeconds: defineMost('total', 'Most seconds for a request in all.'),
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
        ownDomains: z
          .array(OwnDomain)
          .max(100)
          .default([])
          .describe(
            'Public suffixes and top-level domains below which every host is your own, so that *.domain may name all of them.',
          ),
      })
      .prefault({}),
    credentials: z
      .array(OfferedCredential)
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
    limits: MostLimits.prefault({}).describe('The longest that any configuration may let a server take.'),
  })
  .describe('Guardrails of a Gatehouse agent: what no configuration can override.');

/** An item that is wrong is null, so that those after it keep their places. */
const toSound = <Item extends z.ZodType>(item: Item) => z.array(item.nullable().catch(null)).catch([]);
const { shape } = StdioEntryFile;
const SoundEntry = z.object({
  ...shape,
  args: shape.args.catch([]),
  env: shape.env.catch([]),
  sha256: shape.sha256.catch({}),
  maxProcesses: shape.maxProcesses.catch(undefined),
  maxMemoryMb: shape.maxMemoryMb.catch(undefined),
  idleMinutes: shape.idleMinutes.catch(undefined),
  sandbox: shape.sandbox.catch(undefined),
  network: shape.network.catch(undefined),
  user: shape.user.catch(undefined),
  read: shape.read.catch(undefined),
  write: shape.write.catch(undefined),
});

/** What can be used of a file that is wrong elsewhere, so that everything is looked at in one go. No agent runs by it. */
export const SoundParts = z.object({
  stdio: z.record(z.string(), SoundEntry.nullable().catch(null)).catch({}),
  http: z
    .object({ hosts: toSound(HostPattern), privateHosts: toSound(HostPattern), ownDomains: toSound(OwnDomain) })
    .catch({ hosts: [], privateHosts: [], ownDomains: [] }),
  credentials: toSound(z.object({ reference: OfferedReference.nullable().catch(null), origins: toSound(Origin) })),
  audit: GuardrailsFile.shape.audit.catch({ detail: 'shape' }),
  revocations: GuardrailsFile.shape.revocations.catch({ maxAgeMinutes: null }),
  limits: GuardrailsFile.shape.limits.catch({}),
});
export type SoundParts = z.infer<typeof SoundParts>;

/** The JSON schema of the file, for editors. */
export function buildGuardrailsSchema(): z.core.JSONSchema.JSONSchema {
  return { title: 'guardrails.yaml', ...z.toJSONSchema(GuardrailsFile, { io: 'input' }) };
}
