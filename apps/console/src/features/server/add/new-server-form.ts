import { z } from 'zod';

import type { ServerLimits } from '@gatehouse/policy/documents/server-limits';
import type { ServerTransport } from '@gatehouse/policy/documents/snapshot';

import { CREDENTIAL_FIELDS, checkCredential, toCredential, EMPTY_CREDENTIAL } from '../form/credential-form.ts';
import { EMPTY_SERVER, SERVER_FIELDS } from '../form/server-form.ts';
import { EMPTY_LIMITS, LIMIT_FIELDS, toServerLimits } from '../limits-form.ts';
import { detectSource, type DetectedSource } from './detect-source.ts';

/** The form of "Add a server". Switching the kind of source keeps everything that was typed. */
export const NewServerForm = z
  .object({
    ...SERVER_FIELDS,
    ...CREDENTIAL_FIELDS,
    ...LIMIT_FIELDS,
    source: z.string().superRefine((text, context) => {
      const source = detectSource(text);
      if (source.kind === 'empty') context.addIssue('Enter the URL of an MCP server, or the name of a stdio entry of the agent.');
      if (source.kind === 'problem') context.addIssue(source.sentence);
    }),
    /** of a stdio server */
    processes: z.enum(['shared', 'per_session']),
  })
  .superRefine((form, context) => {
    if (detectSource(form.source).kind === 'http') checkCredential(form, context);
  });
export type NewServerForm = z.infer<typeof NewServerForm>;

export const EMPTY_FORM: NewServerForm = {
  ...EMPTY_SERVER,
  ...EMPTY_CREDENTIAL,
  ...EMPTY_LIMITS,
  source: '',
  processes: 'shared',
};

/** The transport to register; call it only for a form that was checked. */
export function toTransport(form: NewServerForm, source: Extract<DetectedSource, { kind: 'http' | 'stdio' }>): ServerTransport {
  if (source.kind === 'stdio') return { kind: 'stdio', entry: source.entry, processes: form.processes };
  return { kind: 'http', url: source.url, credential: toCredential(form) };
}

/** The limits to register; undefined where every field is empty, which is the defaults. */
export function toNewLimits(form: NewServerForm): ServerLimits | undefined {
  const limits = toServerLimits(form);
  return Object.keys(limits).length === 0 ? undefined : limits;
}

/** When to choose which, one sentence each. */
export const PROCESSES: Record<NewServerForm['processes'], { label: string; when: string }> = {
  shared: {
    label: 'Shared',
    when: 'One process serves everybody. Choose it for servers that only answer calls: it starts once and takes the least memory.',
  },
  per_session: {
    label: 'One per session',
    when: 'Each connected AI client gets a process of its own. Choose it for servers that remember what was done before, or that ask the client back.',
  },
};
