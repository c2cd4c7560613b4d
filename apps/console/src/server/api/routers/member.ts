import { WhatStopsOf } from '@gatehouse/services/list/what-stops';
import { CreateResetLink, createResetLink } from '@gatehouse/services/member/create-reset-link';
import { getMemberStops } from '@gatehouse/services/member/get-member-stops';
import { InviteMember, inviteMember } from '@gatehouse/services/member/invite-member';
import { ListInvitations, listInvitations } from '@gatehouse/services/member/list-invitations';
import { ListMembers, listMembers } from '@gatehouse/services/member/list-members';
import { RemoveMember, removeMember, RemovePeople, removePeople } from '@gatehouse/services/member/remove-member';
import { RenewInvitation, renewInvitation } from '@gatehouse/services/member/renew-invitation';
import { resendInvitation } from '@gatehouse/services/member/resend-invitation';
import { sendInvitation } from '@gatehouse/services/member/send-invitation';
import { sendReset } from '@gatehouse/services/member/send-reset';
import { SignOutMember, signOutMember } from '@gatehouse/services/member/sign-out-member';
import { UpdateMember, updateMember } from '@gatehouse/services/member/update-member';
import { WithdrawInvitation, withdrawInvitation } from '@gatehouse/services/member/withdraw-invitation';

import { inTenant, router } from '../trpc.ts';

export const memberRouter = router({
  list: inTenant.input(ListMembers).query(({ ctx, input }) => listMembers({ ctx: ctx.service, input })),
  listInvitations: inTenant.input(ListInvitations).query(({ ctx, input }) => listInvitations({ ctx: ctx.service, input })),
  invite: inTenant.input(InviteMember).mutation(({ ctx, input }) => inviteMember({ ctx: ctx.service, input })),
  sendInvitation: inTenant.input(InviteMember).mutation(({ ctx, input }) => sendInvitation({ ctx: ctx.service, input })),
  resendInvitation: inTenant.input(RenewInvitation).mutation(({ ctx, input }) => resendInvitation({ ctx: ctx.service, input })),
  sendReset: inTenant.input(CreateResetLink).mutation(({ ctx, input }) => sendReset({ ctx: ctx.service, input })),
  renewInvitation: inTenant.input(RenewInvitation).mutation(({ ctx, input }) => renewInvitation({ ctx: ctx.service, input })),
  withdrawInvitation: inTenant
    .input(WithdrawInvitation)
    .mutation(({ ctx, input }) => withdrawInvitation({ ctx: ctx.service, input })),
  createResetLink: inTenant.input(CreateResetLink).mutation(({ ctx, input }) => createResetLink({ ctx: ctx.service, input })),
  update: inTenant.input(UpdateMember).mutation(({ ctx, input }) => updateMember({ ctx: ctx.service, input })),
  signOut: inTenant.input(SignOutMember).mutation(({ ctx, input }) => signOutMember({ ctx: ctx.service, input })),
  whatStops: inTenant.input(WhatStopsOf).query(({ ctx, input }) => getMemberStops({ ctx: ctx.service, input })),
  remove: inTenant.input(RemoveMember).mutation(({ ctx, input }) => removeMember({ ctx: ctx.service, input })),
  removeMany: inTenant.input(RemovePeople).mutation(({ ctx, input }) => removePeople({ ctx: ctx.service, input })),
});
