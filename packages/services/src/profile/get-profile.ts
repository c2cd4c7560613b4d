import type { Profile } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { type DraftEntry, ProfileDraft, type ProfileSettings, type PublishedProfile } from '@gatehouse/policy/documents/profile';

import { type ApproverView, listApprovers } from '../approver/approvers.ts';
import { read } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { isAsked } from '../owner/asked.ts';
import { getOwners, type OwnerView } from '../owner/owner.ts';
import { type Permitted, PERMITTED } from '../permitted.ts';
import { type PersonName, getPersonNames } from '../person-names.ts';
import { maySwitchOn } from '../revocation/may-switch-on.ts';
import { loadAsked } from './consent/standing.ts';
import { isDraftChanged } from './draft/draft-changes.ts';
import { joinDraft, type JoinedEntry } from './draft/join-draft.ts';
import { countPeople } from './effective-access.ts';
import { getPublishedVersions } from './publish/published-versions.ts';
import { listProfileSiteIds, ProfileRef, requireVisibleProfile } from './require-profile.ts';

export const GetProfile = ProfileRef;
export type GetProfile = ProfileRef;

export interface ProfileDetail {
  profile: {
    id: string;
    slug: string;
    name: string;
    description: string;
    /** of the settings, for an edit of them */
    revision: number;
    disabledAt: Date | null;
    archivedAt: Date | null;
    /** whether the one who asks may switch it on, or take it out of the archive; told while it is off */
    canEnable: Permitted;
    createdAt: Date;
    createdBy: PersonName;
    /** who answers for it and decides who may use it; null: nobody, so admins do */
    owner: OwnerView | null;
    /** who has no access may ask for it, once it is published */
    isAskable: boolean;
    /** who decides beside its owner on who asks for it; none: whose role gives access. Nothing of it for those who may only use the profile */
    approvers: ApproverView[];
  };
  /** null for those who may only use the profile */
  draft:
    | (ProfileSettings & {
        entries: JoinedEntry[];
        /** what was taken out, with all that was chosen for it */
        setAside: DraftEntry[];
        updatedAt: Date;
        /** for a save of it */
        revision: number;
        /** publishing it would make another version than the published one */
        changed: boolean;
      })
    | null;
  /** who has to agree before a new version takes effect, and whether the one who asks is one of them; null: nobody, or for those who may only use the profile */
  asks: { owner: OwnerView; isYou: boolean } | null;
  published: { version: number; publishedAt: Date; publishedBy: PersonName; document: PublishedProfile } | null;
  /** who may use it now, by name or by a group; 0 for those who may only use it themselves */
  people: number;
  /** the one who asks may connect an AI client to it */
  hasAccess: boolean;
  sites: { id: string; slug: string; name: string }[];
}

/**
 * One profile. A member sees it only with access, and then without draft and people; else `not_found`. For the draft the definitions of
 * what is selected are read, so nothing of it is left to what agents report all the time (`listEndpoints`, `getRollout`).
 */
export async function getProfile({ ctx, input }: { ctx: ServiceContext; input: GetProfile }): Promise<ProfileDetail> {
  authorize(ctx, 'profile.use');
  const ref = parseInput(GetProfile, input);
  const { tenantId, actor } = ctx;
  const seesAll = isPermitted(actor, 'profile.read');
  return read(ctx, async (tx) => {
    const { profile, hasAccess } = await requireVisibleProfile(tx, ctx, ref);
    const { id, slug, name, description, revision, disabledAt, archivedAt, createdAt, createdBy } = profile;
    const siteIds = await listProfileSiteIds(tx, tenantId, id);
    const version = (await getPublishedVersions(tx, tenantId, [id])).get(id) ?? null;
    const people = await getPersonNames(tx, tenantId, [createdBy, version?.publishedBy ?? null]);
    const off = {
      entityType: 'profile',
      id,
      permission: 'profile.publish',
      by: archivedAt === null ? 'disable' : 'archive',
    } as const;
    const wouldServe = archivedAt === null ? disabledAt !== null : disabledAt?.getTime() === archivedAt.getTime();
    const canEnable = wouldServe ? await maySwitchOn(tx, ctx, off) : PERMITTED;
    const owner = (await getOwners(tx, tenantId, [profile])).get(profile);
    const asked = seesAll ? await loadAsked(tx, profile) : null;
    const settings = { id, slug, name, description, revision };
    return {
      profile: {
        ...settings,
        disabledAt,
        archivedAt,
        canEnable,
        createdAt,
        createdBy: people.get(createdBy),
        owner,
        isAskable: profile.isAskable,
        approvers: seesAll ? await listApprovers(tx, tenantId, { kind: 'profile', id }) : [],
      },
      draft: seesAll ? await getDraftView(tx, ctx, { profile, siteIds, published: version?.document }) : null,
      asks: asked && { owner: asked.owner, isYou: isAsked(actor, asked) },
      published: version && { ...version, publishedBy: people.get(version.publishedBy) },
      people: seesAll ? (await countPeople(tx, { tenantId, now: ctx.runtime.now(), profileIds: [id] })).get(id) : 0,
      hasAccess,
      sites: await tx.site.findMany({
        where: { tenantId, id: { in: siteIds } },
        orderBy: { slug: 'asc' },
        select: { id: true, slug: true, name: true },
      }),
    };
  });
}

async function getDraftView(
  tx: TenantTx,
  ctx: ServiceContext,
  { profile, siteIds, published }: { profile: Profile; siteIds: string[]; published: PublishedProfile | undefined },
): Promise<NonNullable<ProfileDetail['draft']>> {
  const draft = ProfileDraft.parse(profile.draft);
  const entries = await joinDraft(tx, ctx, draft, siteIds);
  const { entries: _entries, ...settings } = draft;
  const { name, description, draftUpdatedAt: updatedAt, draftRevision: revision } = profile;
  return {
    ...settings,
    entries,
    updatedAt,
    revision,
    changed: isDraftChanged({ ...settings, name, description, entries }, published),
  };
}
