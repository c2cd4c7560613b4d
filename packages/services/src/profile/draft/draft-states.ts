import type { Profile } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { countByKind, type EntryCounts } from '@gatehouse/policy/documents/entry-counts';
import { type DraftEntry, getAdvertisedName, ProfileDraft, PublishedProfile } from '@gatehouse/policy/documents/profile';

import type { ServiceContext } from '../../context.ts';
import { listOfferedPins, pickForSites, type OfferedRef } from '../../snapshot/offered-entries.ts';
import { parseStored } from '../../stored.ts';
import { hashWholeDraft } from '../publish/published-document.ts';
import { isDraftChanged } from './draft-changes.ts';

/** What a list says of a profile's draft. */
export interface DraftState {
  /** null when the draft cannot be read */
  selected: EntryCounts | null;
  /** publishing it would make another version than the published one; false when the draft cannot be read */
  draftChanged: boolean;
  publishedAt: Date | null;
}

/** By profile id. Of what is published, only documents are read that do not hold exactly the draft. */
export async function getDraftStates(
  tx: TenantTx,
  { tenantId, runtime: { log } }: Pick<ServiceContext, 'tenantId' | 'runtime'>,
  profiles: readonly Pick<Profile, 'id' | 'name' | 'description' | 'draft'>[],
): Promise<ReadonlyMap<string, DraftState>> {
  const parsed = profiles.map(({ draft, ...profile }) => {
    const place = { column: 'profile.draft', id: profile.id };
    return { ...profile, draft: parseStored(() => ProfileDraft.parse(draft), log, place) };
  });
  const textsOf = await getCurrentTexts(
    tx,
    tenantId,
    parsed.flatMap(({ draft }) => draft?.entries ?? []),
  );
  const sitesOf = await getSiteIds(
    tx,
    tenantId,
    profiles.map(({ id }) => id),
  );
  const current = parsed.map(({ draft, ...profile }) => {
    const entries = (draft?.entries ?? []).map((entry) => {
      const texts = pickForSites(textsOf.get(toServerEntryKey(entry)) ?? [], sitesOf.get(profile.id) ?? []);
      return { ...entry, advertisedName: getAdvertisedName(entry), pins: texts.map(({ pin }) => pin) };
    });
    const { name, description } = profile;
    return { ...profile, draft: draft && { ...draft, name, description, entries } };
  });
  const versions = await getOtherVersions(
    tx,
    tenantId,
    current.map((profile) => ({ id: profile.id, hash: profile.draft && hashWholeDraft(profile, profile.draft) })),
  );
  const isChanged = (id: string, draft: (typeof current)[number]['draft']): boolean => {
    const version = versions.get(id);
    if (!draft || version?.document === null) return false;
    const place = { column: 'profile_version.document', id };
    const published = version && parseStored(() => PublishedProfile.parse(version.document), log, place);
    return isDraftChanged(draft, published ?? undefined);
  };
  return new Map(
    current.map(({ id, draft }) => {
      const selected = draft && countByKind(draft.entries);
      return [id, { selected, draftChanged: isChanged(id, draft), publishedAt: versions.get(id)?.publishedAt ?? null }];
    }),
  );
}

/** What is selected, as the servers offer it now, by `toServerEntryKey`. */
async function getCurrentTexts(
  tx: TenantTx,
  tenantId: string,
  entries: readonly DraftEntry[],
): Promise<ReadonlyMap<string, OfferedRef[]>> {
  const serverIds = [...new Set(entries.map(({ serverId }) => serverId))];
  const names = [...new Set(entries.map(({ name }) => name))];
  const offered = await listOfferedPins(tx, { tenantId, serverIds, names });
  return Map.groupBy(offered, toServerEntryKey);
}

/** Where profiles are served, by profile id. */
async function getSiteIds(tx: TenantTx, tenantId: string, profileIds: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  const rows = await tx.profileSite.findMany({ where: { tenantId, profileId: { in: [...profileIds] } } });
  const byProfile = Map.groupBy(rows, ({ profileId }) => profileId);
  return new Map([...byProfile].map(([id, sites]) => [id, sites.map(({ siteId }) => siteId)]));
}

interface OtherVersion {
  publishedAt: Date;
  /** as stored; null when it has the hash of the draft, so that there is nothing to compare */
  document: unknown;
}

/** The versions that profiles are published in, by profile id. */
async function getOtherVersions(
  tx: TenantTx,
  tenantId: string,
  drafts: readonly { id: string; hash: string | null }[],
): Promise<ReadonlyMap<string, OtherVersion>> {
  const [ids, hashes] = [drafts.map(({ id }) => id), drafts.map(({ hash }) => hash ?? '')];
  const rows = await tx.$queryRaw<(OtherVersion & { profileId: string })[]>`
    select p.id as "profileId", v.published_at as "publishedAt",
      case when v.content_hash <> draft.hash then v.document end as document
    from unnest(${ids}::uuid[], ${hashes}::text[]) draft (id, hash)
    join profile p on p.tenant_id = ${tenantId}::uuid and p.id = draft.id
    join profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version`;
  return new Map(rows.map(({ profileId, ...version }) => [profileId, version]));
}
