import type { ServerTransport } from '@gatehouse/policy/documents/snapshot';

import { type CredentialForm, credentialOf, credentialProblems, EMPTY_CREDENTIAL } from './credential-form.ts';
import { detectSource, type DetectedSource } from './detect-source.ts';

export type Processes = Extract<ServerTransport, { kind: 'stdio' }>['processes'];

/** What stands in the form of "Add a server". Switching the kind of source keeps everything that was typed. */
export interface NewServerForm extends CredentialForm {
  source: string;
  name: string;
  purpose: string;
  agentId: string | null;
  /** of a stdio server */
  processes: Processes;
}

export const EMPTY_FORM: NewServerForm = {
  ...EMPTY_CREDENTIAL,
  source: '',
  name: '',
  purpose: '',
  agentId: null,
  processes: 'shared',
};

export type FormProblems = Partial<Record<keyof NewServerForm, string>>;

/** What is still missing or wrong, per field. */
export function problemsOf(form: NewServerForm): FormProblems {
  const source = detectSource(form.source);
  const problems: FormProblems = source.kind === 'http' ? credentialProblems(form) : {};
  if (source.kind === 'empty') problems.source = 'Enter the URL of an MCP server, or the name of a stdio entry of the agent.';
  if (source.kind === 'problem') problems.source = source.sentence;
  if (form.name.trim() === '') problems.name = 'Give it the name people know.';
  if (form.purpose.trim() === '') problems.purpose = 'One sentence. The reviewer reads it.';
  if (form.agentId === null) problems.agentId = 'Choose the agent that can reach it.';
  return problems;
}

/** The transport to register; call it only when there are no problems. */
export function transportOf(form: NewServerForm, source: Extract<DetectedSource, { kind: 'http' | 'stdio' }>): ServerTransport {
  if (source.kind === 'stdio') return { kind: 'stdio', entry: source.entry, processes: form.processes };
  return { kind: 'http', url: source.url, credential: credentialOf(form) };
}

/** When to choose which, one sentence each. */
export const PROCESSES: Record<Processes, { label: string; when: string }> = {
  shared: {
    label: 'Shared',
    when: 'One process serves everybody. Choose it for servers that only answer calls: it starts once and takes the least memory.',
  },
  per_session: {
    label: 'One per session',
    when: 'Each connected AI client gets a process of its own. Choose it for servers that remember what was done before, or that ask the client back.',
  },
};
