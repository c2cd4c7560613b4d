import { z } from 'zod';

import type { Profile } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { buildInstructions, type AdvertisedLists, buildAdvertisedLists } from '@gatehouse/policy/compile/advertise';
import { hashContent } from '@gatehouse/policy/documents/canonical';
import { ProfileDraft, type PublishedProfile } from '@gatehouse/policy/documents/profile';
import { noteDigits } from '@gatehouse/policy/schema/noted-digits';

import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { createNotFoundError, parseInput } from '../../errors.ts';
import { getApprovedEntries } from '../../snapshot/offered-entries.ts';
import { toSnapshotEntries } from '../../snapshot/snapshot-entries.ts';
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
    const pins = document.entries.map(({ pin }) => pin);
    const approved = await getApprovedEntries(tx, { tenantId, now, siteId: siteId ?? undefined, serverIds, pins });
    const entries = toSnapshotEntries(document.entries, approved);
    const servers = await tx.server.findMany({ where: { tenantId, id: { in: serverIds } }, select: { id: true, name: true } });
    const names = new Map(servers.map(({ id, name }) => [id, name]));
    const lists = buildAdvertisedLists(entries);
    return {
      ...roundLists(lists),
      instructions: buildInstructions({ description: document.description, entries }, (id) => names.get(id) ?? ''),
      siteId,
      bytes: Buffer.byteLength(JSON.stringify(lists.tools)),
      contentHash: hashContent(document),
      problems,
    };
  });
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
