import type { TenantTx } from '@gatehouse/db/tenant';
import { findAdvertisedNameProblem, MAX_ADVERTISED_NAME } from '@gatehouse/policy/compile/advertised-name';
import { listArgumentRuleProblems } from '@gatehouse/policy/curation/argument-rule-problems';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import type { Risk } from '@gatehouse/policy/documents/definition';
import { getAdvertisedName, type DraftEntry, type ProfileDraft } from '@gatehouse/policy/documents/profile';

import type { ServiceContext } from '../../context.ts';
import { type EntryChoice, listEntryChoices, type ServerChoices } from './list-choices.ts';
import { type EntryProblem, NOT_OFFERED, SERVER_DELETED } from './problem.ts';

/** A selected entry with what is known of it now. */
export type JoinedEntry = DraftEntry & {
  serverSlug: string;
  serverName: string;
  /** the rename, else the server's own name or the address */
  advertisedName: string;
  /** of what the servers offer under this name, one for each text that a site of the profile has; empty when it is no longer offered */
  pins: string[];
  /** of a tool that the server offers */
  risk: Risk | null;
  /** why it would not be served now */
  problem: EntryProblem | null;
};

/** The draft of a profile that is served at these sites, joined with what the servers offer now. What is of an unknown server says so. */
export async function joinDraft(
  tx: TenantTx,
  ctx: ServiceContext,
  { entries }: Pick<ProfileDraft, 'entries'>,
  siteIds: readonly string[],
): Promise<JoinedEntry[]> {
  const serverIds = [...new Set(entries.map(({ serverId }) => serverId))];
  const names = [...new Set(entries.map(({ name }) => name))];
  const choices = await listEntryChoices(tx, ctx, { siteIds, serverIds, names });
  const servers = new Map(choices.map((server) => [server.serverId, server]));
  const choiceOf = new Map(
    choices.flatMap(({ serverId, entries: offered }) =>
      offered.map((choice) => [toServerEntryKey({ ...choice, serverId }), choice]),
    ),
  );
  return entries.map((entry) => {
    const server = servers.get(entry.serverId);
    return server ? joinEntry(entry, server, choiceOf.get(toServerEntryKey(entry))) : joinDeleted(entry);
  });
}

function joinEntry(entry: DraftEntry, server: ServerChoices, choice: EntryChoice | undefined): JoinedEntry {
  const advertisedName = getAdvertisedName(entry);
  return {
    ...entry,
    serverSlug: server.slug,
    serverName: server.name,
    advertisedName,
    pins: choice ? [choice, ...choice.otherTexts].map(({ pin }) => pin) : [],
    risk: choice?.risk ?? null,
    problem: choice ? (choice.problem ?? findOwnProblem(entry, advertisedName, choice)) : NOT_OFFERED,
  };
}

function joinDeleted(entry: DraftEntry): JoinedEntry {
  const server = { serverSlug: 'deleted', serverName: 'Deleted server' };
  return { ...entry, ...server, advertisedName: getAdvertisedName(entry), pins: [], risk: null, problem: SERVER_DELETED };
}

/** What the profile itself says wrong of an entry: a name that cannot be shown, argument rules that cannot be applied. */
function findOwnProblem(entry: DraftEntry, advertisedName: string, choice: EntryChoice): EntryProblem | null {
  if (entry.kind !== 'tool' && entry.kind !== 'prompt') return null;
  const code = findAdvertisedNameProblem(advertisedName);
  if (code) return { code, text: NAME_PROBLEM[code] };
  if (entry.kind !== 'tool') return null;
  const problems = [choice, ...choice.otherTexts].flatMap((text) =>
    text.kind === 'tool' ? listArgumentRuleProblems(text.definition.inputSchema, entry.arguments) : [],
  );
  return problems.length === 0 ? null : { code: 'argument_rules', text: [...new Set(problems)].join(' ') };
}

const NAME_PROBLEM = {
  name_too_long: `its name is longer than ${MAX_ADVERTISED_NAME} characters, which several AI clients refuse: rename it`,
  name_invalid: 'its name has other characters than A-Z a-z 0-9 _ - . : rename it',
};
