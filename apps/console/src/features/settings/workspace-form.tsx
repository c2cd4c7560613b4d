'use client';

import { useMutation } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Control, useWatch } from 'react-hook-form';
import { z } from 'zod';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { cn } from '../../ui/cn.ts';
import { getTenantTone } from '../../ui/entity/tenant-colour.ts';
import { TenantFace } from '../../ui/entity/tenant-face.tsx';
import { Form, SelectField, TextField } from '../../ui/form/form.tsx';
import { type VersionGroup } from '../../ui/form/merge-versions.ts';
import { findSaveReason, SaveProblem } from '../../ui/form/save-problem.tsx';
import { useEditForm } from '../../ui/form/use-edit-form.ts';
import { Card } from '../../ui/layout/card.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';

export type Workspace = ApiOutput['workspace']['get'];
type Look = Pick<Workspace, 'name' | 'colour' | 'environment'>;

const COLOURS = [
  { value: 'auto', label: 'Automatic' },
  { value: 'indigo', label: 'Indigo' },
  { value: 'teal', label: 'Teal' },
  { value: 'amber', label: 'Amber' },
  { value: 'pink', label: 'Pink' },
  { value: 'green', label: 'Green' },
  { value: 'grey', label: 'Grey' },
] as const;

const WorkspaceForm = z.object({
  name: z.string().trim().min(1, 'Enter a name.'),
  colour: z.enum(['auto', 'indigo', 'teal', 'amber', 'pink', 'green', 'grey']),
  environment: z.string().trim(),
});
type WorkspaceForm = z.infer<typeof WorkspaceForm>;

const Present = z.object({ name: z.string(), colour: z.string().nullable(), environment: z.string().nullable() });

const toForm = ({ name, colour, environment }: Look): WorkspaceForm => ({
  name,
  colour: colour ?? 'auto',
  environment: environment ?? '',
});

const toLook = ({ name, colour, environment }: WorkspaceForm): Look => ({
  name,
  colour: colour === 'auto' ? null : colour,
  environment: environment === '' ? null : environment,
});

function readPresent(present: unknown): WorkspaceForm {
  const { name, colour, environment } = Present.parse(present);
  return WorkspaceForm.parse({ name, colour: colour ?? 'auto', environment: environment ?? '' });
}

const GROUPS: readonly VersionGroup<WorkspaceForm>[] = [
  { label: 'Name', names: ['name'], show: ({ name }) => name },
  {
    label: 'Colour',
    names: ['colour'],
    show: ({ colour }) => COLOURS.find(({ value }) => value === colour)?.label ?? colour,
  },
  { label: 'Environment', names: ['environment'], show: ({ environment }) => environment },
];

/** What the workspace is called and how it looks: seen by everybody of the staff, changed by admins. */
export function WorkspaceDetails({ workspace }: { workspace: Workspace }) {
  const { can, isStopped } = useMe();
  const toast = useToast();
  const current = useMemo(() => ({ revision: workspace.revision, values: toForm(workspace) }), [workspace]);
  const edit = useEditForm(WorkspaceForm, current);
  const { form } = edit;
  const { control } = form;
  const update = useMutation(
    useTRPC().workspace.update.mutationOptions({
      onSuccess: ({ revision }, saved) => {
        edit.restart({ revision, values: toForm(saved) });
        toast({ title: 'The workspace is changed' });
      },
    }),
  );
  const mayChange = can('tenant.manage');
  return (
    <Form form={form} onSubmit={(values) => update.mutate({ ...toLook(values), revision: edit.seen.revision })}>
      <Card title="Workspace">
        {!mayChange && (
          <p className="mb-4 text-muted">
            {isStopped
              ? 'You see this read-only: while the workspace is stopped, nothing of it can be changed.'
              : 'You see this read-only. An admin or an owner changes it.'}
          </p>
        )}
        <fieldset disabled={!mayChange} className="grid min-w-0 gap-4 sm:grid-cols-2">
          <WorkspaceFields control={control} />
          <Preview control={control} slug={workspace.slug} />
        </fieldset>
        <SaveProblem
          error={update.error}
          fields={{ name: 'name', environment: 'environment', colour: 'colour' }}
          className="mt-4"
          edit={edit}
          groups={GROUPS}
          readValues={readPresent}
          onMerged={update.reset}
        />
        {mayChange && (
          <div className="mt-5 flex justify-end border-t border-line pt-4">
            <Button
              type="submit"
              variant="primary"
              loading={update.isPending}
              disabled={!form.formState.isDirty}
              disabledReason={findSaveReason(update.error)}
            >
              Save workspace
            </Button>
          </div>
        )}
      </Card>
    </Form>
  );
}

function WorkspaceFields({ control }: Pick<PreviewProps, 'control'>) {
  return (
    <>
      <TextField control={control} name="name" label="Name" maxLength={80} autoComplete="off" />
      <TextField
        control={control}
        name="environment"
        label="Environment"
        optional
        hint="A word beside the name, for example Production or Test."
        maxLength={24}
        autoComplete="off"
      />
      <SelectField
        control={control}
        name="colour"
        label="Colour"
        hint="The line below the header has it: the wrong workspace is seen at a glance."
        options={COLOURS}
      />
    </>
  );
}

interface PreviewProps {
  control: Control<WorkspaceForm, unknown, WorkspaceForm>;
  slug: string;
}

/** How the switcher shows it. */
function Preview({ control, slug }: PreviewProps) {
  const values = useWatch({ control });
  const look = toLook({ name: values.name ?? '', colour: values.colour ?? 'auto', environment: values.environment ?? '' });
  return (
    <figure className="flex flex-col gap-1.5">
      <figcaption className="text-sm font-medium">As everybody sees it</figcaption>
      <div className="overflow-hidden rounded-control border border-line bg-canvas">
        <div className="flex items-center gap-2 px-3 py-2">
          <TenantFace tenant={{ slug, ...look }} />
        </div>
        <div aria-hidden className={cn('h-0.5', getTenantTone({ slug, colour: look.colour }))} />
      </div>
    </figure>
  );
}
