'use client';

import { useMutation } from '@tanstack/react-query';
import { useMemo } from 'react';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { TextField } from '../../ui/form/form.tsx';
import { type VersionGroup } from '../../ui/form/merge-versions.ts';
import { useEditForm } from '../../ui/form/use-edit-form.ts';
import { EditDialog } from '../../ui/overlay/edit-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import type { SiteDetail } from './site-page.tsx';

const SiteForm = z.object({ name: z.string().trim().min(1, 'Enter a name.'), endpointUrl: z.string().trim() });
type SiteForm = z.infer<typeof SiteForm>;

const Present = z.object({ name: z.string(), endpointUrl: z.string().nullable() });

const toForm = ({ name, endpointUrl }: z.infer<typeof Present>): SiteForm => ({ name, endpointUrl: endpointUrl ?? '' });

const GROUPS: readonly VersionGroup<SiteForm>[] = [
  { label: 'Name', names: ['name'], show: ({ name }) => name },
  { label: 'Address for AI clients', names: ['endpointUrl'], show: ({ endpointUrl }) => endpointUrl },
];

/** Changes what a site is called, and where AI clients are told to reach it. */
export function EditSite({ site, onClose }: { site: SiteDetail; onClose: () => void }) {
  const toast = useToast();
  const current = useMemo(() => ({ revision: site.revision, values: toForm(site) }), [site]);
  const edit = useEditForm(SiteForm, current);
  const { form } = edit;
  const update = useMutation(
    useTRPC().site.update.mutationOptions({
      onSuccess: (_, { name }) => {
        toast({ title: `${name} is changed` });
        onClose();
      },
    }),
  );
  return (
    <EditDialog
      title={`Edit ${site.name}`}
      description="Its slug stays: receipts and addresses name it."
      onClose={onClose}
      saving={update}
      onSave={({ name, endpointUrl }) =>
        update.mutate({
          siteId: site.id,
          name,
          endpointUrl: endpointUrl === '' ? null : endpointUrl,
          revision: edit.seen.revision,
        })
      }
      submitLabel="Save site"
      fields={{ name: 'name', endpointUrl: 'endpointUrl' }}
      edit={edit}
      groups={GROUPS}
      readValues={(present) => toForm(Present.parse(present))}
    >
      <TextField control={form.control} name="name" label="Name" maxLength={80} autoComplete="off" />
      <TextField
        control={form.control}
        name="endpointUrl"
        label="Address for AI clients"
        optional
        mono
        hint="For example https://tools.example.com, where a proxy stands before the agents. Empty: what the agents report. People who have connected already keep the address that they copied."
        autoComplete="off"
        spellCheck={false}
      />
    </EditDialog>
  );
}
