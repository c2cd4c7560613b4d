'use client';

import { useMutation } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Control } from 'react-hook-form';
import { z } from 'zod';

import { type ApiOutput, useTRPC } from '../../../trpc/client.tsx';
import { useMe } from '../../../trpc/use-me.ts';
import { useSites } from '../../../trpc/use-sites.ts';
import { TextareaField, TextField } from '../../../ui/form/form.tsx';
import { type VersionGroup } from '../../../ui/form/merge-versions.ts';
import { useEditForm } from '../../../ui/form/use-edit-form.ts';
import { EditDialog } from '../../../ui/overlay/edit-dialog.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { ErrorLine } from '../../../ui/status/states.tsx';
import type { ProfileDetail } from '../draft/draft.ts';
import { ServedAt } from './served-at.tsx';

const Settings = z.object({
  name: z.string().trim().min(1, 'Enter a name.'),
  description: z.string(),
  siteIds: z.array(z.string()).min(1, 'Choose at least one site.'),
});
type Settings = z.infer<typeof Settings>;

export interface SettingsDialogProps {
  detail: Pick<ProfileDetail, 'profile' | 'published' | 'sites'>;
  onClose: () => void;
}

/** Name, purpose and sites of a profile that is there. Of what somebody else changed meanwhile, both versions are shown. */
export function SettingsDialog({ detail: { profile, published, sites }, onClose }: SettingsDialogProps) {
  const trpc = useTRPC();
  const toast = useToast();
  const all = useSites();
  const current = useMemo(() => {
    const { name, description, revision } = profile;
    return { revision, values: { name, description, siteIds: sites.map(({ id }) => id).toSorted() } };
  }, [profile, sites]);
  const edit = useEditForm(Settings, current);
  const later = published ? 'AI clients get name and description with the next version.' : undefined;
  const update = useMutation(
    trpc.profile.update.mutationOptions({
      onSuccess: () => {
        toast({ title: 'The settings are changed', description: later });
        onClose();
      },
    }),
  );
  return (
    <EditDialog
      title={`Settings of ${profile.name}`}
      description={`Its address ends in /p/${profile.slug}/mcp, and stays so.`}
      onClose={onClose}
      saving={update}
      onSave={({ siteIds, ...values }) =>
        update.mutate({ profileId: profile.id, ...values, siteIds: siteIds.toSorted(), revision: edit.seen.revision })
      }
      submitLabel="Save settings"
      fields={FIELDS}
      edit={edit}
      groups={listGroups(all.data ?? [])}
      readValues={readSettings}
    >
      <Fields control={edit.form.control} sites={all.data ?? []} isPublished={published !== null} />
      {all.error !== null && <ErrorLine error={all.error} />}
    </EditDialog>
  );
}

const FIELDS = { name: 'name', description: 'description', siteIds: 'siteIds' } as const;

interface FieldsProps {
  control: Control<Settings>;
  sites: ApiOutput['site']['list']['rows'];
  isPublished: boolean;
}

function Fields({ control, sites, isPublished }: FieldsProps) {
  const { can } = useMe();
  const sitesOpen = !isPublished || can('profile.publish');
  const readers = 'AI clients and the people who use it read this';
  return (
    <>
      <TextField control={control} name="name" label="Name" maxLength={80} />
      <TextareaField
        control={control}
        name="description"
        label="Description"
        optional
        hint={isPublished ? `${readers}, with the next version.` : `${readers}.`}
        maxLength={2_000}
      />
      {sites.length > 0 && <ServedAt sites={sites} control={control} name="siteIds" disabled={!sitesOpen} />}
      {isPublished && (
        <p className="text-xs text-subtle">
          {sitesOpen
            ? 'Sites count at once: where it is taken out, AI clients lose it; where it is added, the published version is served.'
            : 'It is published, so an admin or an owner changes where it is served.'}
        </p>
      )}
    </>
  );
}

/** What a person sees side by side when two edits meet. */
function listGroups(sites: ApiOutput['site']['list']['rows']): VersionGroup<Settings>[] {
  const nameOf = (id: string): string => sites.find((site) => site.id === id)?.name ?? id;
  return [
    { label: 'Name', names: ['name'], show: ({ name }) => name },
    { label: 'Description', names: ['description'], show: ({ description }) => description },
    { label: 'Served at', names: ['siteIds'], show: ({ siteIds }) => siteIds.map(nameOf).join(', ') },
  ];
}

const readSettings = (present: unknown): Settings => Settings.parse(present);
