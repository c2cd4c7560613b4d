'use client';

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
  const sitesId = useId();
  const sites = useQuery(trpc.site.list.queryOptions(undefined, { enabled: open }));
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [unticked, setUnticked] = useState<readonly string[]>([]);
  const create = useMutation(trpc.profile.create.mutationOptions({ onSuccess: ({ slug }) => router.push(path(`/profiles/${slug}`)) }));
  const siteIds = (sites.data ?? []).map(({ id }) => id).filter((id) => !unticked.includes(id));
  const noSite = sites.data?.length === 0;

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (name.trim() !== '' && siteIds.length > 0) create.mutate({ name, description, siteIds });
  }

  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New profile"
      description="A named workflow. It starts empty: no tools, no people, nothing served."
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
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
        <Input label="Name" required autoFocus maxLength={80} placeholder="Support triage" value={name} onChange={(event) => setName(event.target.value)} />
        <Textarea
          label="What is it for?"
          optional
          hint="AI clients and the people who use it read this."
          maxLength={2_000}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
        {noSite && (
          <div className="flex flex-wrap items-center gap-3 rounded-control bg-warn-bg px-3 py-2 text-warn-fg">
            <p className="min-w-0 flex-1">A profile is served by agents at a site, and there is no site yet. Run an agent first.</p>
            <LinkButton href={path('/agents/new')} size="small">
              Run an agent
            </LinkButton>
          </div>
        )}
        {sites.data && sites.data.length > 0 && (
          <div role="group" aria-labelledby={sitesId}>
            <p id={sitesId} className="mb-1.5 text-sm font-medium">
              Served at
            </p>
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
          </div>
        )}
        {create.error && <ErrorLine error={create.error} />}
      </form>
    </Dialog>
  );
}
