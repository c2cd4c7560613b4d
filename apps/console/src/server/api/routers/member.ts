import { AddMember, addMember } from '@gatehouse/services/member/add-member';
import { ChangeRole, changeRole } from '@gatehouse/services/member/change-role';
import { listMembers } from '@gatehouse/services/member/list-members';
import { RemoveMember, removeMember } from '@gatehouse/services/member/remove-member';

import { inTenant, router } from '../trpc.ts';

export const memberRouter = router({
  list: inTenant.query(({ ctx }) => listMembers({ ctx: ctx.service })),
  add: inTenant.input(AddMember).mutation(({ ctx, input }) => addMember({ ctx: ctx.service, input })),
  changeRole: inTenant.input(ChangeRole).mutation(({ ctx, input }) => changeRole({ ctx: ctx.service, input })),
  remove: inTenant.input(RemoveMember).mutation(({ ctx, input }) => removeMember({ ctx: ctx.service, input })),
});
