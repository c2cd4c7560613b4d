'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Input } from '../../ui/input.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Select } from '../../ui/select.tsx';
import { ErrorLine, Skeleton } from '../../ui/states.tsx';

type Site = ApiOutput['site']['list'][number];
export type CreatedToken = ApiOutput['joinToken']['create'];

const NEW_SITE = 'new';
const EXPIRES = [
  { value: '15', label: '15 minutes' },
  { value: '60', label: '1 hour' },
  { value: '1440', label: '24 hours' },
] as const;

/** Where the agent will run. Makes the token; a site that does not exist yet is made on the way. */
export function NewAgentForm({ onCreated }: { onCreated: (token: CreatedToken) => void }) {
  const trpc = useTRPC();
  const sites = useQuery(trpc.site.list.queryOptions());
  return (
    <Loaded query={sites} skeleton={<Skeleton className="h-24 w-full" />} errorTitle="The sites could not be read">
      {(list) => <Form sites={list} onCreated={onCreated} />}
    </Loaded>
  );
}

function Form({ sites, onCreated }: { sites: Site[]; onCreated: (token: CreatedToken) => void }) {
  const trpc = useTRPC();
  const [siteId, setSiteId] = useState(sites[0]?.id ?? NEW_SITE);
  const [siteName, setSiteName] = useState('');
  const [agentName, setAgentName] = useState('');
  const [minutes, setMinutes] = useState<(typeof EXPIRES)[number]['value']>('60');
  const createSite = useMutation(trpc.site.create.mutationOptions());
  const createToken = useMutation(trpc.joinToken.create.mutationOptions());
  const options = [
    ...sites.map(({ id, name, slug }) => ({ value: id, label: name, hint: slug })),
    { value: NEW_SITE, label: 'New site…' },
  ];

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    createToken.reset();
    try {
      const site = siteId === NEW_SITE ? await createSite.mutateAsync({ name: siteName }) : { id: siteId };
      setSiteId(site.id);
      onCreated(await createToken.mutateAsync({ siteId: site.id, agentName, expiresInMinutes: Number(minutes) }));
    } catch {
      // Both mutations keep their error, and the form shows it.
      return;
    }
  }

  const error = createSite.error ?? createToken.error;
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <Select
          label="Site"
          hint="One place in your network. All its agents serve the same configuration."
          options={options}
          value={siteId}
          onValueChange={setSiteId}
        />
        {siteId === NEW_SITE && (
          <Input
            label="Name of the site"
            hint="For example Helsinki, or Production."
            value={siteName}
            onChange={(event) => setSiteName(event.target.value)}
            maxLength={40}
            required
          />
        )}
        <Input
          label="Name of the agent"
          hint="Lower-case letters, digits, hyphens. For example helsinki-01."
          mono
          value={agentName}
          onChange={(event) => setAgentName(event.target.value.toLowerCase())}
          pattern="[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?"
          maxLength={63}
          autoComplete="off"
          spellCheck={false}
          required
        />
        <Select label="Token works for" options={EXPIRES} value={minutes} onValueChange={setMinutes} />
      </div>
      {error && <ErrorLine error={error} />}
      <div>
        <Button type="submit" variant="primary" loading={createSite.isPending || createToken.isPending}>
          Create install command
        </Button>
      </div>
    </form>
  );
}
