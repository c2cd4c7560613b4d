'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useController, useFormContext, useWatch } from 'react-hook-form';
import { z } from 'zod';

import { Slug } from '@gatehouse/policy/documents/definition';
import { toSlug } from '@gatehouse/policy/names/slug';

import { useTRPC } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { useSites } from '../../trpc/use-sites.ts';
import { LinkButton } from '../../ui/button.tsx';
import { FormError, TextareaField, TextField, useSchemaForm } from '../../ui/form/form.tsx';
import { Input } from '../../ui/form/input.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { ServedAt } from './settings/served-at.tsx';

const NewProfile = z
  .object({
    name: z.string().trim().min(1, 'Enter a name.'),
    /** empty: made from the name */
    ownSlug: z.string(),
    description: z.string(),
    siteIds: z.array(z.string()),
  })
  .refine(({ name, ownSlug }) => name === '' || Slug.safeParse(ownSlug || toSlug(name)).success, {
    path: ['ownSlug'],
    error: 'Use 1 to 40 lower-case letters, digits and inner hyphens.',
  });
type NewProfile = z.infer<typeof NewProfile>;

export interface NewProfileDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** the profile whose draft it starts with; left out: it starts empty */
  copyOf?: { id: string; name: string; description: string; siteIds: readonly string[] };
}

/** Name, purpose and sites; the tools follow in the builder, or are those of another profile. Give it a new `key` for another one. */
export function NewProfileDialog({ open, onOpenChange, copyOf }: NewProfileDialogProps) {
  const trpc = useTRPC();
  const path = usePath();
  const router = useRouter();
  const { data: sites = [], isSuccess } = useSites({ enabled: open });
  const start = { name: copyOf ? `${copyOf.name} copy`.slice(0, 80) : '', ownSlug: '', description: copyOf?.description ?? '' };
  const form = useSchemaForm(NewProfile, { ...start, siteIds: [...(copyOf?.siteIds ?? [])] });
  const create = useMutation(
    trpc.profile.create.mutationOptions({ onSuccess: ({ slug }) => router.push(path(`/profiles/${slug}`)) }),
  );
  const ticked = useWatch({ control: form.control, name: 'siteIds' });
  // where there is a choice, nobody makes it for the person: at a site without its server nothing could be selected
  const siteIds = sites.length === 1 ? sites.map(({ id }) => id) : ticked;

  function toggle(next: boolean): void {
    if (!next) create.reset();
    onOpenChange(next);
  }
  function submit({ name, ownSlug, description }: NewProfile): void {
    if (siteIds.length === 0) return;
    create.mutate({ name, slug: ownSlug || toSlug(name), description, siteIds, ...(copyOf && { copyOf: copyOf.id }) });
  }

  return (
    <FormDialog
      open={open}
      onOpenChange={toggle}
      title={copyOf ? `Copy ${copyOf.name}` : 'Create profile'}
      description={
        copyOf
          ? 'What is selected and how is copied. People and keys are not: nobody has access to the copy, and nothing of it is served yet.'
          : 'A named workflow. It starts empty: nothing selected, no people, nothing served.'
      }
      form={form}
      onSubmit={submit}
      submitLabel={copyOf ? 'Create the copy' : 'Create profile'}
      pending={create.isPending || create.isSuccess}
      disabledReason={siteIds.length === 0 ? 'Choose at least one site.' : undefined}
    >
      <Naming />
      {isSuccess && sites.length === 0 && <NoSite />}
      {sites.length > 1 && <ServedAt sites={sites} control={form.control} name="siteIds" />}
      <FormError<NewProfile> error={create.error} fields={{ slug: 'ownSlug' }} />
    </FormDialog>
  );
}

/** The slug follows the name until somebody enters another; emptied, it follows again. */
function Naming() {
  const { control } = useFormContext<NewProfile>();
  const name = useWatch({ control, name: 'name' });
  const { field, fieldState } = useController({ control, name: 'ownSlug' });
  return (
    <>
      <TextField control={control} name="name" label="Name" maxLength={80} placeholder="Support triage" />
      <Input
        {...field}
        label="Slug"
        mono
        spellCheck={false}
        autoComplete="off"
        maxLength={40}
        placeholder="support-triage"
        hint="Part of the endpoint’s URL, so it stays as it is."
        error={fieldState.error?.message}
        value={field.value || toSlug(name)}
      />
      <TextareaField
        control={control}
        name="description"
        label="Description"
        optional
        hint="AI clients and the people who use it read this."
        maxLength={2_000}
      />
    </>
  );
}

function NoSite() {
  const path = usePath();
  return (
    <div className="flex flex-wrap items-center gap-3 rounded-control bg-warn-bg px-3 py-2 text-warn-fg">
      <p className="min-w-0 flex-1">A profile is served by agents at a site, and there is no site yet. Run an agent first.</p>
      <LinkButton href={path('/agents/new')} size="small">
        Run an agent
      </LinkButton>
    </div>
  );
}
