'use client';

import { useMutation } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useController } from 'react-hook-form';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { usePartySearch } from '../../trpc/use-party-search.ts';
import { CheckboxField } from '../../ui/form/form.tsx';
import { type VersionGroup } from '../../ui/form/merge-versions.ts';
import { Party, PartyField } from '../../ui/form/party-field.tsx';
import { useEditForm } from '../../ui/form/use-edit-form.ts';
import { EditDialog } from '../../ui/overlay/edit-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import type { Owned } from './owned.ts';

const OwnerForm = z.object({ owner: Party.nullable(), isAskable: z.boolean() });
type OwnerForm = z.infer<typeof OwnerForm>;

/** A server is never asked for. */
const Present = OwnerForm.extend({ isAskable: z.boolean().default(false) });

const VERSIONS: readonly VersionGroup<OwnerForm>[] = [
  { label: 'Owner', names: ['owner'], show: ({ owner }) => owner?.name ?? 'Nobody' },
  { label: 'May be asked for', names: ['isAskable'], show: ({ isAskable }) => (isAskable ? 'yes' : 'no') },
];

function useSaveOwner({ of }: { of: Owned }, onSaved: () => void) {
  const trpc = useTRPC();
  const toast = useToast();
  const onSuccess = (): void => {
    toast({ title: of.kind === 'profile' ? `${of.name} has another owner or rule` : `${of.name} has another owner` });
    onSaved();
  };
  const ofProfile = useMutation(trpc.owner.setOfProfile.mutationOptions({ onSuccess }));
  const ofServer = useMutation(trpc.owner.setOfServer.mutationOptions({ onSuccess }));
  return {
    ...(of.kind === 'profile' ? ofProfile : ofServer),
    save: ({ owner: chosen, isAskable }: OwnerForm, revision: number): void => {
      const owner = chosen && { kind: chosen.kind, id: chosen.id };
      if (of.kind === 'profile') ofProfile.mutate({ profileId: of.id, owner, isAskable, revision });
      else ofServer.mutate({ serverId: of.id, owner, revision });
    },
  };
}

/** A person, a group or nobody; of a profile also whether members may ask for it. */
export function ChangeOwner({ of, onClose }: { of: Owned; onClose: () => void }) {
  const current = useMemo(() => ({ revision: of.revision, values: Present.parse(of) }), [of]);
  const edit = useEditForm(OwnerForm, current);
  const { form } = edit;
  const owner = useController({ control: form.control, name: 'owner' }).field;
  const save = useSaveOwner({ of }, onClose);
  const search = usePartySearch();
  return (
    <EditDialog
      title={`Who owns ${of.name}?`}
      description={
        of.kind === 'profile'
          ? 'A person, or everybody in a group. The owner sees how it is used and who asks for it.'
          : 'A person, or everybody in a group. The owner sees how it is used, and agrees to what is approved of it before that takes effect.'
      }
      onClose={onClose}
      saving={save}
      onSave={(values) => save.save(values, edit.seen.revision)}
      submitLabel="Save owner"
      fields={{ owner: 'owner', isAskable: 'isAskable' }}
      edit={edit}
      groups={VERSIONS}
      readValues={(present) => Present.parse(present)}
    >
      <PartyField
        search={search}
        label="Owner"
        hint={owner.value === null ? 'Nobody: admins and owners of the workspace decide.' : undefined}
        value={owner.value}
        onValueChange={owner.onChange}
        placeholder="Search people and groups…"
      />
      {of.kind === 'profile' && (
        <CheckboxField
          control={form.control}
          name="isAskable"
          label="Members can ask for access"
          hint="Once it is published they see its name and what it is for, and nothing else of it."
        />
      )}
    </EditDialog>
  );
}
