import { AddMembers, addMembers } from '@gatehouse/services/group/add-members';
import { CreateGroup, createGroup } from '@gatehouse/services/group/create-group';
import { DeleteGroup, deleteGroup } from '@gatehouse/services/group/delete-group';
import { GetGroup, getGroup } from '@gatehouse/services/group/get-group';
import { getGroupStops } from '@gatehouse/services/group/get-group-stops';
import { GrantGroup, grantGroup } from '@gatehouse/services/group/grant-group';
import { ListGroupPeople, listGroupPeople } from '@gatehouse/services/group/list-group-people';
import { ListGroups, listGroups } from '@gatehouse/services/group/list-groups';
import { RemoveMembers, removeMembers } from '@gatehouse/services/group/remove-members';
import { RevokeGroup, revokeGroup } from '@gatehouse/services/group/revoke-group';
import { UpdateGroup, updateGroup } from '@gatehouse/services/group/update-group';
import { WhatStopsOf } from '@gatehouse/services/list/what-stops';

import { inTenant, router } from '../trpc.ts';

export const groupRouter = router({
  list: inTenant.input(ListGroups).query(({ ctx, input }) => listGroups({ ctx: ctx.service, input })),
  get: inTenant.input(GetGroup).query(({ ctx, input }) => getGroup({ ctx: ctx.service, input })),
  people: inTenant.input(ListGroupPeople).query(({ ctx, input }) => listGroupPeople({ ctx: ctx.service, input })),
  create: inTenant.input(CreateGroup).mutation(({ ctx, input }) => createGroup({ ctx: ctx.service, input })),
  update: inTenant.input(UpdateGroup).mutation(({ ctx, input }) => updateGroup({ ctx: ctx.service, input })),
  whatStops: inTenant.input(WhatStopsOf).query(({ ctx, input }) => getGroupStops({ ctx: ctx.service, input })),
  delete: inTenant.input(DeleteGroup).mutation(({ ctx, input }) => deleteGroup({ ctx: ctx.service, input })),
  addMembers: inTenant.input(AddMembers).mutation(({ ctx, input }) => addMembers({ ctx: ctx.service, input })),
  removeMembers: inTenant.input(RemoveMembers).mutation(({ ctx, input }) => removeMembers({ ctx: ctx.service, input })),
  giveProfile: inTenant.input(GrantGroup).mutation(({ ctx, input }) => grantGroup({ ctx: ctx.service, input })),
  takeProfile: inTenant.input(RevokeGroup).mutation(({ ctx, input }) => revokeGroup({ ctx: ctx.service, input })),
});
