import { z } from 'zod';

import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput, ServiceError } from '../../errors.ts';
import { lockProfile } from '../require-profile.ts';
import { countDependents, describeDependents } from './profile-dependents.ts';

export const DeleteProfile = z.strictObject({ profileId: z.uuid() });
export type DeleteProfile = z.input<typeof DeleteProfile>;

/**
 * Removes an archived profile with its draft and its versions, for good. Receipts and the log stay and keep its name. Throws `not_found`, and
 * `precondition` when it is not archived or when somebody still has access or a key that works, with who that is.
 */
export async function deleteProfile({ ctx, input }: { ctx: ServiceContext; input: DeleteProfile }): Promise<{ id: string }> {
  authorize(ctx, 'profile.publish');
  const { profileId: id } = parseInput(DeleteProfile, input);
  const { tenantId } = ctx;
  return mutate(ctx, async ({ tx, audit, signal }) => {
    const { name, slug, archivedAt } = await lockProfile(tx, tenantId, id);
    if (archivedAt === null) throw new ServiceError('precondition', `${name} is in use. Archive it first.`);
    const dependents = describeDependents(await countDependents(tx, ctx, id));
    if (dependents !== null) {
      throw new ServiceError(
        'precondition',
        `${name} cannot be deleted: ${dependents} Take the access away first, on its Access tab.`,
      );
    }
    const versions = await tx.profileVersion.count({ where: { tenantId, profileId: id } });
    // the name stays here: receipts are shown with it
    await audit({ action: 'profile.delete', entityType: 'profile', entityId: id, before: { name, slug, versions } });
    await tx.profile.delete({ where: { tenantId_id: { tenantId, id } } });
    signal('profile', id);
    return { id };
  });
}
