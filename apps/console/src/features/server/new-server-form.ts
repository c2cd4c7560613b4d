import { HeaderCredential, SecretReference, type ServerTransport } from '@gatehouse/policy/snapshot';

import { detectSource, type DetectedSource } from './detect-source.ts';

/** What stands in the form of "Add a server". Switching the kind of source keeps everything that was typed. */
export interface NewServerForm {
  source: string;
  name: string;
  purpose: string;
  agentId: string | null;
  withCredential: boolean;
  header: string;
  prefix: string;
  reference: string;
}

export const EMPTY_FORM: NewServerForm = {
  source: '',
  name: '',
  purpose: '',
  agentId: null,
  withCredential: false,
  header: 'Authorization',
  prefix: 'Bearer ',
  reference: '',
};

export type FormProblems = Partial<Record<keyof NewServerForm, string>>;

/** What is still missing or wrong, per field. */
export function problemsOf(form: NewServerForm): FormProblems {
  const source = detectSource(form.source);
  const problems: FormProblems = {};
  if (source.kind === 'empty') problems.source = 'Enter the URL of an MCP server, or the name of a stdio entry of the agent.';
  if (source.kind === 'problem') problems.source = source.sentence;
  if (form.name.trim() === '') problems.name = 'Give it the name people know.';
  if (form.purpose.trim() === '') problems.purpose = 'One sentence. The reviewer reads it.';
  if (form.agentId === null) problems.agentId = 'Choose the agent that can reach it.';
  if (source.kind === 'http' && form.withCredential) {
    if (!SecretReference.safeParse(form.reference).success) problems.reference = referenceProblem(form.reference);
    if (!HeaderCredential.shape.header.safeParse(form.header).success) problems.header = 'Letters, digits and hyphens.';
  }
  return problems;
}

function referenceProblem(reference: string): string {
  if (reference === '') return 'Name the place: env:NAME or file:/absolute/path.';
  if (/^[A-Za-z0-9+/_.=-]{16,}$/.test(reference)) {
    return 'This looks like the secret itself. Put it on the machine of the agent, and enter only its place here.';
  }
  return 'Use env:NAME or file:/absolute/path on the machine of the agent.';
}

/** The transport to register; call it only when there are no problems. */
export function transportOf(form: NewServerForm, source: Extract<DetectedSource, { kind: 'http' | 'stdio' }>): ServerTransport {
  if (source.kind === 'stdio') return { kind: 'stdio', entry: source.entry };
  const { header, prefix, reference } = form;
  return {
    kind: 'http',
    url: source.url,
    credential: form.withCredential ? { kind: 'header', header, prefix, reference } : null,
  };
}
