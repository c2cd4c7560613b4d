'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useController, useFormContext, useWatch } from 'react-hook-form';
import { z } from 'zod';

import { Slug } from '@gatehouse/policy/documents/definition';
import { toSlug } from '@gatehouse/policy/names/slug';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/form/checkbox.tsx';
import { FormError, TextareaField, TextField, useSchemaForm } from '../../ui/form/form.tsx';
import { Input } from '../../ui/form/input.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { describeCount } from '../../ui/text/count.ts';

type Site = ApiOutput['site']['list'][number];

const NewProfile = z
  .object({
    name: z.string().trim().min(1, 'Enter a name.'),
    /** empty: made from the name */
    ownSlug: z.string(),
    description: z.string(),
    untickedSiteIds: z.array(z.string()),
  })
  .refine(({ name, ownSlug }) => name === '' || Slug.safeParse(ownSlug || toSlug(name)).success, {
    path: ['ownSlug'],
    error: 'Use 1 to 40 lower-case letters, digits and inner hyphens.',
  });
type NewProfile = z.infer<typeof NewProfile>;

export interface NewProfileDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Name, purpose and sites; the tools follow in the builder. */
export function NewProfileDialog({ open, onOpenChange }: NewProfileDialogProps) {
  const trpc = useTRPC();
  const path = usePath();
  const router = useRouter();
  const { data: sites = [], isSuccess } = useQuery(trpc.site.list.queryOptions(undefined, { enabled: open }));
  const form = useSchemaForm(NewProfile, { name: '', ownSlug: '', description: '', untickedSiteIds: [] });
  const create = useMutation(
    trpc.profile.create.mutationOptions({ onSuccess: ({ slug }) => router.push(path(`/profiles/${slug}`)) }),
  );
  const unticked = useWatch({ control: form.control, name: 'untickedSiteIds' });
  const siteIds = sites.map(({ id }) => id).filter((id) => !unticked.includes(id));

  function toggle(next: boolean): void {
    if (!next) create.reset();
    onOpenChange(next);
  }
  function submit({ name, ownSlug, description }: NewProfile): void {
    if (siteIds.length > 0) create.mutate({ name, slug: ownSlug || toSlug(name), description, siteIds });
  }

  return (
    <FormDialog
      open={open}
      onOpenChange={toggle}
      title="Create profile"
      description="A named workflow. It starts empty: nothing selected, no people, nothing served."
      form={form}
      onSubmit={submit}
      submitLabel="Create profile"
      pending={create.isPending || create.isSuccess}
      disabledReason={siteIds.length === 0 ? 'Choose at least one site.' : undefined}
    >
      <Naming />
      {isSuccess && sites.length === 0 && <NoSite />}
      {sites.length > 0 && <ServedAt sites={sites} />}
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

function ServedAt({ sites }: { sites: readonly Site[] }) {
  const { control } = useFormContext<NewProfile>();
  const { field } = useController({ control, name: 'untickedSiteIds' });
  const unticked = field.value;
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">Served at</legend>
      <ul className="flex flex-col gap-1.5">
        {sites.map(({ id, name, slug, agentCount }) => (
          <li key={id}>
            <Checkbox
              label={name}
              hint={`${slug} · ${describeCount(agentCount, 'agent')}`}
              checked={!unticked.includes(id)}
              onCheckedChange={(on) => field.onChange(on ? unticked.filter((other) => other !== id) : [...unticked, id])}
            />
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
