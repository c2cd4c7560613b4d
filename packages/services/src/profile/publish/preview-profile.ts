import { z } from 'zod';

import type { Profile } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { buildInstructions, type AdvertisedLists, buildAdvertisedLists } from '@gatehouse/policy/compile/advertise';
import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { ProfileDraft, type PublishedProfile, type SnapshotEntry } from '@gatehouse/policy/documents/profile';
import { noteDigits } from '@gatehouse/policy/schema/noted-digits';

import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { createNotFoundError, parseInput } from '../../errors.ts';
import { loadTexts } from '../../snapshot/alike-texts.ts';
import { getApprovedEntries, type OfferedEntry, toPinnedKey } from '../../snapshot/offered-entries.ts';
import { chooseWordings, listPublishedTexts, replaceTexts, type Wordings } from '../../snapshot/other-words.ts';
import { type Approval, toSnapshotEntries } from '../../snapshot/snapshot-entries.ts';
import { joinDraft } from '../draft/join-draft.ts';
import { listSelectionProblems, type SelectionProblem } from '../draft/refuse-draft.ts';
import { requireProfile, listProfileSiteIds } from '../require-profile.ts';
import { buildPublishedDocument } from './published-document.ts';
import { getPublishedVersions } from './published-versions.ts';

export const PreviewProfile = z.strictObject({
  profileId: z.uuid(),
  /** what would be served after publishing now, or what is served now */
  of: z.enum(['draft', 'published']).default('draft'),
  /** which of its sites: they may have different texts. Left out: the first */
  siteId: z.uuid().optional(),
});
export type PreviewProfile = z.input<typeof PreviewProfile>;

/** The entries of the list methods, exactly as AI clients would get them. Untrusted text. */
export interface ProfilePreview extends AdvertisedLists {
  /** what clients are told at the start; empty when there is nothing to tell. Untrusted text */
  instructions: string;
  /** whose agents would answer so; null when it is served nowhere */
  siteId: string | null;
  /** bytes of the tools as JSON */
  bytes: number;
  /** the tools as they would be without any choice of the profile, to say what its choices save. Untrusted text */
  originalTools: AdvertisedLists['tools'];
  /** to publish exactly this: `expected` of publishProfile */
  contentHash: string;
  /** what is selected but left out, and why */
  problems: SelectionProblem[];
}

/** The very lists of a profile, made by the code that makes the served one. Throws `not_found`. */
export async function previewProfile({ ctx, input }: { ctx: ServiceContext; input: PreviewProfile }): Promise<ProfilePreview> {
  authorize(ctx, 'profile.read');
  const { profileId, of, siteId: wanted } = parseInput(PreviewProfile, input);
  const { tenantId } = ctx;
  const now = ctx.runtime.now();
  return read(ctx, async (tx) => {
    const profile = await requireProfile(tx, tenantId, { profileId });
    const siteId = await pickSite(tx, tenantId, profileId, wanted);
    const { document, problems } =
      of === 'draft' ? await readDraftSource(tx, ctx, profile) : await readPublishedSource(tx, profile);
    const serverIds = [...new Set(document.entries.map(({ serverId }) => serverId))];
    const names = [...new Set(document.entries.map(({ name }) => name))];
    const approved = await getApprovedEntries(tx, { tenantId, now, siteId: siteId ?? undefined, serverIds, names });
    const at = of === 'published' && siteId !== null ? { tenantId, siteId, now, serverIds, names } : null;
    const { worded, replaced } = at ? await loadWordings(tx, at, approved) : NONE;
    const entries = toSnapshotEntries(
      replaceTexts(document.entries, replaced),
      new Map<string, Approval>([...approved, ...worded]),
    );
    const servers = await tx.server.findMany({ where: { tenantId, id: { in: serverIds } }, select: { id: true, name: true } });
    const serverNames = new Map(servers.map(({ id, name }) => [id, name]));
    const lists = buildAdvertisedLists(entries);
    return {
      ...roundLists(lists),
      originalTools: buildAdvertisedLists(entries.map(withoutChoices)).tools.map(noteDigits),
      instructions: buildInstructions({ description: document.description, entries }, (id) => serverNames.get(id) ?? ''),
      siteId,
      bytes: Buffer.byteLength(JSON.stringify(lists.tools)),
      contentHash: hashContent(document),
      problems,
    };
  });
}

/** As its server defines it, where it is offered at all. */
function withoutChoices(entry: SnapshotEntry): SnapshotEntry {
  return entry.kind === 'tool' ? { ...entry, advertisedName: entry.name, describe: null, arguments: [] } : entry;
}

/** As JSON without numbers that no double keeps, which its way to a browser would lose: their digits stand beside. */
function roundLists({ tools, prompts, resources, resourceTemplates }: AdvertisedLists): AdvertisedLists {
  return {
    tools: tools.map(noteDigits),
    prompts: prompts.map(noteDigits),
    resources: resources.map(noteDigits),
    resourceTemplates: resourceTemplates.map(noteDigits),
  };
}

interface LoadedWordings extends Pick<Wordings, 'replaced'> {
  /** by `toPinnedKey`, with what was approved */
  worded: [string, Approval][];
}
const NONE: LoadedWordings = { worded: [], replaced: new Map() };

/** What is served in other words than those that the site has just now. */
async function loadWordings(
  tx: TenantTx,
  at: Parameters<typeof listPublishedTexts>[1] & { now: Date },
  approved: ReadonlyMap<string, OfferedEntry>,
): Promise<LoadedWordings> {
  const published = await listPublishedTexts(tx, at);
  const served = published.map(toPinnedKey).filter((key) => approved.has(key));
  const { worded, replaced } = await chooseWordings(tx, at, published, new Set(served));
  const pins = worded.map(({ pin }) => pin);
  const texts = await loadTexts(tx, at.tenantId, pins);
  return {
    worded: worded.flatMap((approval) => {
      const text = texts.find((each) => each.kind === approval.kind && each.name === approval.name && each.pin === approval.pin);
      return text ? [[toPinnedKey(approval), { ...approval, definition: text.definition }]] : [];
    }),
    replaced,
  };
}

/** Throws `not_found` for a site where the profile is not served. */
async function pickSite(tx: TenantTx, tenantId: string, profileId: string, wanted?: string): Promise<string | null> {
  const where = { tenantId, profileId, ...(wanted === undefined ? {} : { siteId: wanted }) };
  const served = await tx.profileSite.findFirst({ where, orderBy: { site: { slug: 'asc' } }, select: { siteId: true } });
  if (!served && wanted !== undefined) throw createNotFoundError('site');
  return served && served.siteId;
}

interface Source {
  document: PublishedProfile;
  problems: ProfilePreview['problems'];
}

async function readDraftSource(tx: TenantTx, ctx: ServiceContext, profile: Profile): Promise<Source> {
  const { tenantId, id } = profile;
  const draft = ProfileDraft.parse(profile.draft);
  const joined = await joinDraft(tx, ctx, draft, await listProfileSiteIds(tx, tenantId, id));
  return { document: buildPublishedDocument(profile, draft, joined), problems: listSelectionProblems(joined) };
}

async function readPublishedSource(tx: TenantTx, profile: Profile): Promise<Source> {
  const { tenantId, id, disabledAt } = profile;
  const published = disabledAt === null ? (await getPublishedVersions(tx, tenantId, [id])).get(id) : undefined;
  return { document: published?.document ?? buildPublishedDocument(profile, ProfileDraft.parse({}), []), problems: [] };
}
