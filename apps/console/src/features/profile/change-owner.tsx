'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { CHOOSE_FIRST, EditConflictNotice } from '../../ui/form/edit-conflict.tsx';
import { CheckboxField, FormError, SelectField } from '../../ui/form/form.tsx';
import { readEditConflict, type VersionGroup } from '../../ui/form/merge-versions.ts';
import { useEditForm } from '../../ui/form/use-edit-form.ts';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import type { ProfileDetail } from './draft/draft.ts';

const NOBODY = 'nobody';
const OwnerForm = z.object({ owner: z.string(), isAskable: z.boolean() });
type OwnerForm = z.infer<typeof OwnerForm>;

const Choice = z.object({ kind: z.enum(['person', 'group']), id: z.string() }).nullable();
type Choice = z.infer<typeof Choice>;
const Present = z.object({ owner: Choice, isAskable: z.boolean() });

const toText = (owner: Choice): string => (owner === null ? NOBODY : `${owner.kind} ${owner.id}`);
const fromText = (text: string): Choice => {
  const [kind, id] = text.split(' ');
  return Choice.safeParse({ kind, id }).data ?? null;
};
const toForm = ({ owner, isAskable }: z.infer<typeof Present>): OwnerForm => ({ owner: toText(owner), isAskable });

/** Groups first, then everybody by name. */
function useOwnerOptions() {
  const trpc = useTRPC();
  const members = useQuery(trpc.member.list.queryOptions({ limit: 200 }));
  const groups = useQuery(trpc.group.list.queryOptions({ limit: 200 }));
  return useMemo(
    () => [
      { value: NOBODY, label: 'Nobody', hint: 'Admins and owners of the workspace decide.' },
      ...(groups.data?.rows ?? []).map(({ id, name }) => ({ value: `group ${id}`, label: name, hint: 'Group' })),
      ...(members.data?.rows ?? []).map(({ id, name, email }) => ({ value: `person ${id}`, label: name, hint: email })),
    ],
    [groups.data, members.data],
  );
}

function getVersions(options: readonly { value: string; label: string }[]): readonly VersionGroup<OwnerForm>[] {
  return [
    { label: 'Owner', names: ['owner'], show: ({ owner }) => options.find(({ value }) => value === owner)?.label ?? owner },
    { label: 'May be asked for', names: ['isAskable'], show: ({ isAskable }) => (isAskable ? 'yes' : 'no') },
  ];
}

/** A person, a group or nobody, and whether members may ask. */
export function ChangeOwner({ profile, onClose }: Pick<ProfileDetail, 'profile'> & { onClose: () => void }) {
  const trpc = useTRPC();
  const toast = useToast();
  const options = useOwnerOptions();
  const current = useMemo(() => ({ revision: profile.revision, values: toForm(profile) }), [profile]);
  const edit = useEditForm(OwnerForm, current);
  const { form } = edit;
  const save = useMutation(
    trpc.owner.setOfProfile.mutationOptions({
      onSuccess: () => {
        toast({ title: `${profile.name} has another owner or rule` });
        onClose();
      },
    }),
  );
  const conflict = readEditConflict(save.error);
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={`Who owns ${profile.name}?`}
      description="A person, or everybody in a group. The owner sees how it is used and who asks for it."
      form={form}
      onSubmit={({ owner, isAskable }) =>
        save.mutate({ profileId: profile.id, owner: fromText(owner), isAskable, revision: edit.seen.revision })
      }
      submitLabel="Save owner"
      pending={save.isPending}
      disabled={!form.formState.isDirty}
      disabledReason={conflict ? CHOOSE_FIRST : undefined}
    >
      <SelectField control={form.control} name="owner" label="Owner" options={options} />
      <CheckboxField
        control={form.control}
        name="isAskable"
        label="Members can ask for access"
        hint="Once it is published they see its name and what it is for, and nothing else of it."
      />
      {conflict ? (
        <EditConflictNotice
          conflict={conflict}
          edit={edit}
          groups={getVersions(options)}
          readValues={(present) => toForm(Present.parse(present))}
          onMerged={save.reset}
        />
      ) : (
        <FormError<OwnerForm> error={save.error} fields={{ owner: 'owner', isAskable: 'isAskable' }} />
      )}
    </FormDialog>
  );
}
