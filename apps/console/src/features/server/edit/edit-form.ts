import { z } from 'zod';

import { ServerLimits } from '@gatehouse/policy/documents/server-limits';
import { ServerTransport, StdioEntryName } from '@gatehouse/policy/documents/snapshot';

import type { Seen, VersionGroup } from '../../../ui/form/merge-versions.ts';
import { CREDENTIAL_FIELDS, checkCredential, EMPTY_CREDENTIAL, toCredential } from '../form/credential-form.ts';
import { listCredentialLines, listHeaderLines } from '../form/credential-words.ts';
import { SERVER_FIELDS } from '../form/server-form.ts';
import { toCredentialForm } from '../form/stored-credential.ts';
import { LIMIT_GROUPS, LimitsForm, toLimitsForm, toServerLimits } from '../limits-form.ts';
import type { ServerDetail } from '../server-state.tsx';

type Kind = ServerTransport['kind'];

/** What the one field of the address is called, for each kind of server. */
export const ADDRESS_WORDS: Record<Kind, { label: string; hint: string }> = {
  http: { label: 'URL', hint: 'For example https://mcp.example.com/mcp' },
  rest: { label: 'Base URL', hint: 'The paths of its operations are appended to it.' },
  stdio: { label: 'Guardrails entry', hint: 'The name of an entry in the guardrails of its agents.' },
};

const EditFields = z.object({
  /** of the server: it stays what it is */
  kind: z.enum(['http', 'stdio', 'rest']),
  name: SERVER_FIELDS.name,
  purpose: SERVER_FIELDS.purpose,
  /** URL, base URL, or name of the entry */
  address: z.string().trim(),
  processes: z.enum(['shared', 'per_session']),
  ...CREDENTIAL_FIELDS,
  ...LimitsForm.shape,
  siteIds: z.array(z.string()).min(1, 'Choose a site: without one nobody reaches it.'),
});

/** The form of "Edit" of a server. */
export const EditForm = EditFields.superRefine((form, context) => {
  const problem = findAddressProblem(form);
  if (problem) context.addIssue({ code: 'custom', path: ['address'], message: problem });
  if (form.kind !== 'stdio') checkCredential(form, context);
});
export type EditForm = z.infer<typeof EditForm>;

const HttpUrl = z.url({ protocol: /^https?$/ }).max(2_048);

function findAddressProblem({ kind, address }: EditForm): string | null {
  if (kind === 'stdio') {
    return StdioEntryName.safeParse(address).success
      ? null
      : 'Lower-case letters, digits, - and _ only, as the guardrails have it.';
  }
  return HttpUrl.safeParse(address).success ? null : 'Enter a complete URL: https://mcp.example.com/mcp';
}

/** The form as a server fills it. */
export function toEditForm(
  server: Pick<ServerDetail, 'name' | 'purpose' | 'transport' | 'limits'> & { siteIds: string[] },
): EditForm {
  const { name, purpose, transport, limits, siteIds } = server;
  const common = { kind: transport.kind, name, purpose, ...toLimitsForm(limits), siteIds: siteIds.toSorted() };
  if (transport.kind === 'stdio') {
    return { ...common, address: transport.entry, processes: transport.processes, ...EMPTY_CREDENTIAL };
  }
  const address = transport.kind === 'http' ? transport.url : transport.baseUrl;
  return { ...common, address, processes: 'shared', ...toCredentialForm(transport.credential) };
}

/** What an editor sees of a server. */
export const toSeenServer = (server: ServerDetail): Seen<EditForm> => ({
  revision: server.revision,
  values: toEditForm({ ...server, siteIds: server.sites.map(({ id }) => id) }),
});

const Present = z.object({
  name: z.string(),
  purpose: z.string(),
  transport: ServerTransport,
  limits: ServerLimits,
  siteIds: z.array(z.string()),
});

/** The form as the server is that somebody else has edited meanwhile. */
export const readPresentServer = (present: unknown): EditForm => toEditForm(Present.parse(present));

/** The transport to save; call it only for a form that was checked. */
export function toEditedTransport(form: EditForm): ServerTransport {
  const { kind, address, processes } = form;
  switch (kind) {
    case 'stdio':
      return { kind, entry: address, processes };
    case 'http':
      return { kind, url: address, credential: toCredential(form) };
    case 'rest':
      return { kind, baseUrl: address, credential: toCredential(form) };
  }
}

/** What to save beside id and revision; call it only for a form that was checked. */
export const toServerUpdate = (form: EditForm) => ({
  name: form.name,
  purpose: form.purpose,
  transport: toEditedTransport(form),
  limits: toServerLimits(form),
  siteIds: form.siteIds,
});

/** The transport as far as the form can be read; null while something in it is wrong. */
export function readTransport(form: unknown): ServerTransport | null {
  const { data } = EditForm.safeParse(form);
  return data ? toEditedTransport(data) : null;
}

/** What two editors compare. `nameSite`: what a site is called. */
export const listEditGroups = (kind: Kind, nameSite: (id: string) => string): readonly VersionGroup<EditForm>[] => [
  { label: 'Name', names: ['name'], show: ({ name }) => name },
  { label: 'Purpose', names: ['purpose'], show: ({ purpose }) => purpose },
  { label: ADDRESS_WORDS[kind].label, names: ['address'], show: ({ address }) => address },
  { label: 'Processes', names: ['processes'], show: ({ processes }) => (processes === 'shared' ? 'Shared' : 'One per session') },
  {
    label: 'Credential',
    names: ['withCredential', 'credentials'],
    show: (form) => listCredentialLines(toCredential({ ...form, headers: [] })).join('\n'),
  },
  {
    label: 'Fixed headers',
    names: ['headers'],
    show: ({ headers }) => listHeaderLines({ kind: 'several', credentials: [], headers }).join('\n'),
  },
  { label: 'Sites', names: ['siteIds'], show: ({ siteIds }) => siteIds.map(nameSite).join(', ') },
  ...LIMIT_GROUPS,
];
