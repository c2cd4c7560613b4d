'use client';

import { Slug } from '@gatehouse/policy/documents/definition';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useId, useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Input, Textarea } from '../../ui/input.tsx';
import { ErrorLine } from '../../ui/states.tsx';
import { slugOf } from '@gatehouse/policy/documents/slug';

export interface NewProfileDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Name, purpose and sites; the tools follow in the builder. */
export function NewProfileDialog({ open, onOpenChange }: NewProfileDialogProps) {
  const trpc = useTRPC();
  const path = usePath();
  const router = useRouter();
  const formId = useId();
  const sites = useQuery(trpc.site.list.queryOptions(undefined, { enabled: open }));
  const [name, setName] = useState('');
  const [ownSlug, setOwnSlug] = useState<string | null>(null);
  const [description, setDescription] = useState('');
  const [unticked, setUnticked] = useState<readonly string[]>([]);
  const create = useMutation(
    trpc.profile.create.mutationOptions({ onSuccess: ({ slug }) => router.push(path(`/profiles/${slug}`)) }),
  );
  const siteIds = (sites.data ?? []).map(({ id }) => id).filter((id) => !unticked.includes(id));
  const slug = ownSlug ?? slugOf(name);
  const slugProblem =
    slug === '' || Slug.safeParse(slug).success ? undefined : 'Use 1 to 40 lower-case letters, digits and inner hyphens.';
  const noSite = sites.data?.length === 0;

  function toggle(next: boolean): void {
    if (!next) create.reset();
    onOpenChange(next);
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (name.trim() !== '' && Slug.safeParse(slug).success && siteIds.length > 0)
      create.mutate({ name, slug, description, siteIds });
  }

  return (
    <Dialog
      open={open}
      onOpenChange={toggle}
      title="Create profile"
      description="A named workflow. It starts empty: no tools, no people, nothing served."
      footer={
        <>
          <Button onClick={() => toggle(false)}>Cancel</Button>
          <Button
            type="submit"
            form={formId}
            variant="primary"
            loading={create.isPending || create.isSuccess}
            disabledReason={siteIds.length === 0 ? 'Choose at least one site.' : undefined}
          >
            Create profile
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4">
        <Input
          label="Name"
          required
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- a dialog that asks for a name starts at the name
          autoFocus
          maxLength={80}
          placeholder="Support triage"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Input
          label="Slug"
          mono
          required
          spellCheck={false}
          autoComplete="off"
          maxLength={40}
          placeholder="support-triage"
          hint="Part of the endpoint’s URL, so it stays as it is."
          error={slugProblem}
          value={slug}
          onChange={(event) => setOwnSlug(event.target.value === '' ? null : event.target.value)}
        />
        <Textarea
          label="Description"
          optional
          hint="AI clients and the people who use it read this."
          maxLength={2_000}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
        {noSite && (
          <div className="flex flex-wrap items-center gap-3 rounded-control bg-warn-bg px-3 py-2 text-warn-fg">
            <p className="min-w-0 flex-1">
              A profile is served by agents at a site, and there is no site yet. Run an agent first.
            </p>
            <LinkButton href={path('/agents/new')} size="small">
              Run an agent
            </LinkButton>
          </div>
        )}
        {sites.data && sites.data.length > 0 && (
          <fieldset>
            <legend className="mb-1.5 text-sm font-medium">Served at</legend>
            <ul className="flex flex-col gap-1.5">
              {sites.data.map(({ id, name: siteName, slug, agentCount }) => (
                <li key={id}>
                  <Checkbox
                    label={siteName}
                    hint={`${slug} · ${agentCount === 1 ? '1 agent' : `${agentCount} agents`}`}
                    checked={!unticked.includes(id)}
                    onCheckedChange={(on) => setUnticked(on ? unticked.filter((other) => other !== id) : [...unticked, id])}
                  />
                </li>
              ))}
            </ul>
          </fieldset>
        )}
        {create.error && <ErrorLine error={create.error} />}
      </form>
    </Dialog>
  );
}
