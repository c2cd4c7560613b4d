'use client';

import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { WhatStops } from '../../ui/entity/what-stops.tsx';
import { FormError, SelectField, useSchemaForm } from '../../ui/form/form.tsx';
import { type BulkActProps, BulkDialog, useBulkAct } from '../../ui/list/bulk-dialog.tsx';
import { ListSearch } from '../../ui/list/list-search.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';

type PartProps = Pick<BulkActProps, 'rows' | 'onClose'>;

export type MemberAct = 'group' | 'remove';

const NOUN = ['member', 'members'] as const;

/** Puts several members into a group, or takes them out of the workspace. */
export function BulkMembers({ act, ...props }: PartProps & { act: MemberAct }) {
  return act === 'group' ? <PutIntoGroup {...props} /> : <RemoveSeveral {...props} />;
}

function RemoveSeveral(props: PartProps) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const ids = props.rows.map(({ id }) => id);
  const remove = useMutation(
    trpc.member.removeMany.mutationOptions({ onSuccess: () => queries.invalidateQueries(trpc.member.list.pathFilter()) }),
  );
  return (
    <BulkDialog {...props} noun={NOUN} verb={['Remove', 'removed']} apply={(chosen) => remove.mutateAsync({ ids: chosen })}>
      <p>
        Each loses this workspace at once, with all that is named here; connected agents are told. The audit keeps their calls. To
        come back, a person must be invited again.
      </p>
      <WhatStops asked={trpc.member.whatStops.queryOptions({ ids })} />
    </BulkDialog>
  );
}

/** Groups to choose from without a search. */
const MOST = 20;

const GroupForm = z.object({ groupId: z.string().min(1, 'Choose a group.') });
type GroupForm = z.infer<typeof GroupForm>;

/** All of them are in it then, or none. */
function PutIntoGroup(props: PartProps) {
  const trpc = useTRPC();
  const [search, setSearch] = useState('');
  const { ids, words, settle } = useBulkAct({ ...props, noun: NOUN, verb: ['Put', 'put into the group'] });
  const form = useSchemaForm(GroupForm, { groupId: '' });
  const groups = useQuery(
    trpc.group.list.queryOptions({ ...(search !== '' && { search }), limit: MOST }, { placeholderData: keepPreviousData }),
  );
  const add = useMutation(trpc.group.addMembers.mutationOptions({ onSuccess: () => settle({ refused: [] }) }));
  const { rows = [], nextCursor = null } = groups.data ?? {};
  return (
    <FormDialog
      open
      onOpenChange={() => props.onClose(null)}
      title={`${words} into a group`}
      description="They may use what the group was given, at once. Whoever is in it already stays."
      form={form}
      onSubmit={({ groupId }) => add.mutate({ groupId, membershipIds: ids })}
      submitLabel={`${words} into it`}
      pending={add.isPending}
    >
      {(search !== '' || nextCursor !== null) && (
        <ListSearch label="Search groups" placeholder="Search groups" value={search} onValueChange={setSearch} />
      )}
      <SelectField
        control={form.control}
        name="groupId"
        label="Group"
        placeholder="Choose a group…"
        options={rows.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <FormError<GroupForm> error={add.error} fields={{ groupId: 'groupId' }} />
    </FormDialog>
  );
}
