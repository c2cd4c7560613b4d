import type { Logger } from 'pino';
import { z } from 'zod';

import type { Risk } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { EntryKind, toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { Risk as AnyRisk } from '@gatehouse/policy/documents/definition';

import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { createNotFoundError, parseInput } from '../../errors.ts';
import { type EntryView, toEntryView } from '../../server/entry-view.ts';
import { isEmptyFilter, listMatchingNames } from '../../snapshot/matching-offers.ts';
import { listOfferedEntries, pickForSites, type OfferedEntry, type Which } from '../../snapshot/offered-entries.ts';
import { listProfileSiteIds, requireProfile } from '../require-profile.ts';
import { type EntryProblem, findChoiceProblem, type ServerStanding } from './problem.ts';

/** More of a description is read beside the entry, not in the list. Characters. */
const MAX_LISTED_DESCRIPTION = 300;

/** One entry that a profile could offer. `problem` null: it can be selected. */
export type EntryChoice = EntryView & {
  problem: EntryProblem | null;
  /** what other sites of the profile have under this name */
  otherTexts: EntryView[];
};

/** The same in a list: without its definition. Untrusted text. */
export interface ListedChoice {
  kind: EntryKind;
  name: string;
  title: string | null;
  /** its beginning */
  description: string | null;
  /** of a tool, once a reviewer has set it */
  risk: Risk | null;
  problem: EntryProblem | null;
}

/** What is looked for among entries; nothing of it: all of these kinds. */
export const CHOICE_FILTER = {
  kinds: z.array(EntryKind).min(1),
  search: z.string().trim().max(200).optional(),
  risk: AnyRisk.optional(),
};

export const ListChoices = z.strictObject({ profileId: z.uuid(), serverId: z.uuid(), ...CHOICE_FILTER });
export type ListChoices = z.input<typeof ListChoices>;

/** What a profile could select of one server that is in use, ordered by kind and name; what cannot be selected says why. Throws `not_found`. */
export async function listChoices({ ctx, input }: { ctx: ServiceContext; input: ListChoices }): Promise<ListedChoice[]> {
  authorize(ctx, 'profile.read');
  const { profileId, serverId, kinds, ...filter } = parseInput(ListChoices, input);
  const { tenantId, runtime } = ctx;
  return read(ctx, async (tx) => {
    const { id } = await requireProfile(tx, tenantId, { profileId });
    const siteIds = await listProfileSiteIds(tx, tenantId, id);
    const serverIds = [serverId];
    const names = isEmptyFilter(filter)
      ? undefined
      : await listMatchingNames(tx, { tenantId, now: runtime.now(), serverIds, kinds }, { siteIds, filter });
    const [server] = await listEntryChoices(tx, ctx, { siteIds, serverIds, kinds, names, inUse: true });
    if (!server) throw createNotFoundError('server');
    return server.entries.map(toListedChoice);
  });
}

function toListedChoice({ description, kind, name, title, verdict, risk, problem }: EntryChoice): ListedChoice {
  const beginning = description?.slice(0, MAX_LISTED_DESCRIPTION).toWellFormed() ?? null;
  return { kind, name, title, description: beginning, risk: verdict === 'pending' ? null : risk, problem };
}

export const GetChoice = z.strictObject({
  profileId: z.uuid(),
  serverId: z.uuid(),
  kind: EntryKind,
  name: z.string().min(1).max(2_048),
});
export type GetChoice = z.input<typeof GetChoice>;

/** One of them with its definition, whether its server is in use or not. Throws `not_found`. */
export async function getChoice({ ctx, input }: { ctx: ServiceContext; input: GetChoice }): Promise<EntryChoice> {
  authorize(ctx, 'profile.read');
  const { profileId, serverId, kind, name } = parseInput(GetChoice, input);
  return read(ctx, async (tx) => {
    const { id } = await requireProfile(tx, ctx.tenantId, { profileId });
    const siteIds = await listProfileSiteIds(tx, ctx.tenantId, id);
    const [server] = await listEntryChoices(tx, ctx, { siteIds, serverIds: [serverId], kinds: [kind], names: [name] });
    const choice = server?.entries[0];
    if (!choice) throw createNotFoundError('entry');
    return choice;
  });
}

/** A server beside a profile that is served at these sites. */
export interface ChoosableServer {
  serverId: string;
  slug: string;
  name: string;
  /** names of the profile's sites where this server is not reachable */
  missingAt: string[];
}

export interface ServerChoices extends ChoosableServer {
  /** ordered by kind and name */
  entries: EntryChoice[];
}

type Asked = Pick<Which, 'serverIds' | 'kinds' | 'names'> & {
  siteIds: readonly string[];
  /** without the archived ones */
  inUse?: boolean;
};

/** What each server offers to a profile that is served at these sites. */
export async function listEntryChoices(
  tx: TenantTx,
  { tenantId, runtime }: Pick<ServiceContext, 'tenantId' | 'runtime'>,
  { siteIds, inUse = false, ...asked }: Asked,
): Promise<ServerChoices[]> {
  const servers = await listChoosable(tx, tenantId, { siteIds, inUse, serverIds: asked.serverIds });
  const offered = await listOfferedEntries(tx, { tenantId, now: runtime.now(), ...asked });
  const offers = Map.groupBy(offered, ({ serverId }) => serverId);
  return servers.map(({ server, standing }) => {
    const entries = [...Map.groupBy(offers.get(server.serverId) ?? [], toEntryKey).values()].flatMap((texts) => {
      return toChoice(pickForSites(texts, siteIds), standing, runtime.log) ?? [];
    });
    return { ...server, entries };
  });
}

/** The sites of a profile, and what of a server keeps all that it offers from being served there. */
export type StandingAtSites = ServerStanding & { sites: readonly { id: string; name: string }[] };

/** The servers that a profile at these sites can choose from, by name. */
export async function listChoosable(
  tx: TenantTx,
  tenantId: string,
  { siteIds, serverIds, inUse }: Pick<Asked, 'siteIds' | 'serverIds'> & { inUse: boolean },
): Promise<{ server: ChoosableServer; standing: StandingAtSites }[]> {
  const sites = await tx.site.findMany({
    where: { tenantId, id: { in: [...siteIds] } },
    orderBy: { slug: 'asc' },
    select: { id: true, name: true },
  });
  const servers = await tx.server.findMany({
    where: { tenantId, ...(serverIds ? { id: { in: [...serverIds] } } : {}), ...(inUse && { archivedAt: null }) },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    select: { id: true, slug: true, name: true, disabledAt: true, archivedAt: true, sites: { select: { siteId: true } } },
  });
  return servers.map(({ id: serverId, slug, name, disabledAt, archivedAt, sites: reachable }) => {
    const reachableAt = new Set(reachable.map(({ siteId }) => siteId));
    const missingAt = sites.filter(({ id }) => !reachableAt.has(id)).map((site) => site.name);
    const standing = { disabled: disabledAt !== null, archived: archivedAt !== null, missingAt, sites };
    return { server: { serverId, slug, name, missingAt }, standing };
  });
}

/** Null when none of its texts can be read. */
function toChoice(texts: readonly OfferedEntry[], standing: StandingAtSites, log: Logger): EntryChoice | null {
  const readable = texts.flatMap((text) => {
    const view = toEntryView(text, log);
    return view ? [{ text, view }] : [];
  });
  const [first, ...others] = readable;
  if (!first) return null;
  const problem = findChoiceProblem(
    readable.map(({ text }) => text),
    standing,
  );
  return { ...first.view, otherTexts: others.map(({ view }) => view), problem };
}
