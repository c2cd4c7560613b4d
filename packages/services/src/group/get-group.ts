import { z } from 'zod';

import type { GroupSource } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { MOST_BESIDE } from '../list/find-page.ts';
import { getPersonNames, type PersonName } from '../person-names.ts';
import { getDependents, type GroupDependents } from './group-dependents.ts';
import { requireGroup } from './require-group.ts';

export const GetGroup = z.strictObject({ groupId: z.uuid() });
export type GetGroup = z.input<typeof GetGroup>;

export interface GroupDetail {
  id: string;
  name: string;
  description: string;
  source: GroupSource;
  createdAt: Date;
  createdBy: PersonName;
  /** that an edit of name and description is based on */
  revision: number;
  people: number;
  /** how many profiles it was given, and the first of them by name */
  profileCount: number;
  profiles: { id: string; slug: string; name: string; grantedAt: Date }[];
  /** what keeps it from being deleted */
  dependents: GroupDependents;
}

/** A group and what it was given; its people come page by page from `listGroupPeople`. Throws `not_found`. */
export async function getGroup({ ctx, input }: { ctx: ServiceContext; input: GetGroup }): Promise<GroupDetail> {
  authorize(ctx, 'group.read');
  const { groupId } = parseInput(GetGroup, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const { id, name, description, source, createdAt, createdBy, revision } = await requireGroup(tx, tenantId, groupId);
    const given = await tx.profileGroup.findMany({
      where: { tenantId, groupId },
      orderBy: [{ profile: { name: 'asc' } }, { profileId: 'asc' }],
      take: MOST_BESIDE,
      select: { grantedAt: true, profile: { select: { id: true, slug: true, name: true } } },
    });
    return {
      id,
      name,
      description,
      source,
      createdAt,
      createdBy: (await getPersonNames(tx, tenantId, [createdBy])).get(createdBy),
      revision,
      people: await tx.groupMember.count({ where: { tenantId, groupId, membership: { endedAt: null } } }),
      profileCount: await tx.profileGroup.count({ where: { tenantId, groupId } }),
      dependents: await getDependents(tx, { tenantId, groupId, most: MOST_BESIDE }),
      profiles: given.map(({ grantedAt, profile }) => ({ ...profile, grantedAt })),
    };
  });
}
