'use client';

import { useMutation } from '@tanstack/react-query';
import { useWatch } from 'react-hook-form';
import { z } from 'zod';

import { AgentName } from '@gatehouse/policy/documents/definition';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { useSites } from '../../trpc/use-sites.ts';
import { Button } from '../../ui/button.tsx';
import { Form, FormError, SelectField, TextField, useSchemaForm } from '../../ui/form/form.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { Bar } from '../../ui/status/states.tsx';

type Site = ApiOutput['site']['list']['rows'][number];
export type CreatedToken = ApiOutput['joinToken']['create'];

const NEW_SITE = 'new';
const EXPIRES = [
  { value: '15', label: '15 minutes' },
  { value: '60', label: '1 hour' },
  { value: '1440', label: '24 hours' },
] as const;

const NewAgent = z
  .object({
    siteId: z.string(),
    siteName: z.string().trim(),
    agentName: z
      .string()
      .trim()
      .toLowerCase()
      .refine((name) => AgentName.safeParse(name).success, 'Use lower-case letters, digits and inner hyphens.'),
    minutes: z.enum(['15', '60', '1440']),
  })
  .refine(({ siteId, siteName }) => siteId !== NEW_SITE || siteName !== '', { path: ['siteName'], error: 'Enter a name.' });
type NewAgent = z.infer<typeof NewAgent>;

/** Where the agent will run. Makes the token; a site that does not exist yet is made on the way. */
export function NewAgentForm({ onCreated }: { onCreated: (token: CreatedToken) => void }) {
  const sites = useSites();
  return (
    <Loaded query={sites} skeleton={<FormSkeleton />} errorTitle="The sites could not be read">
      {(list) => <AgentFields sites={list} onCreated={onCreated} />}
    </Loaded>
  );
}

/** Three fields, two of them with a hint, and the button. */
function FormSkeleton() {
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        {['h-23', 'h-23', 'h-14.5'].map((height, index) => (
          <div key={index} className={height}>
            <Bar className="mb-2 w-24" />
            <Bar className="h-8 w-full pointer-coarse:h-10" />
          </div>
        ))}
      </div>
      <Bar className="h-8 w-44 pointer-coarse:h-10" />
    </div>
  );
}

function AgentFields({ sites, onCreated }: { sites: Site[]; onCreated: (token: CreatedToken) => void }) {
  const form = useSchemaForm(NewAgent, { siteId: sites[0]?.id ?? NEW_SITE, siteName: '', agentName: '', minutes: '60' });
  const { control, setValue } = form;
  const create = useCreateToken({ onSite: (siteId) => setValue('siteId', siteId), onCreated });
  const isNewSite = useWatch({ control, name: 'siteId' }) === NEW_SITE;
  return (
    <Form form={form} onSubmit={(agent) => create.mutate(agent)} className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          control={control}
          name="siteId"
          label="Site"
          hint="One place in your network. All its agents serve the same configuration."
          options={[
            ...sites.map(({ id, name, slug }) => ({ value: id, label: name, hint: slug })),
            { value: NEW_SITE, label: 'New site…' },
          ]}
        />
        {isNewSite && (
          <TextField
            control={control}
            name="siteName"
            label="Name of the site"
            hint="For example Helsinki, or Production."
            maxLength={40}
          />
        )}
        <TextField
          control={control}
          name="agentName"
          label="Name of the agent"
          hint="Lower-case letters, digits, hyphens. For example helsinki-01."
          mono
          className="lowercase"
          maxLength={63}
          autoComplete="off"
          spellCheck={false}
        />
        <SelectField control={control} name="minutes" label="Token works for" options={EXPIRES} />
      </div>
      <FormError<NewAgent> error={create.error} fields={{ name: 'siteName', agentName: 'agentName' }} />
      <div>
        <Button type="submit" variant="primary" loading={create.isPending}>
          Create install command
        </Button>
      </div>
    </Form>
  );
}

/** Makes the site first where it is new. A second try after a refused token finds that site made. */
function useCreateToken({ onSite, onCreated }: { onSite: (siteId: string) => void; onCreated: (token: CreatedToken) => void }) {
  const trpc = useTRPC();
  const createSite = useMutation(trpc.site.create.mutationOptions());
  const createToken = useMutation(trpc.joinToken.create.mutationOptions());
  return useMutation({
    mutationFn: async ({ siteId, siteName, agentName, minutes }: NewAgent) => {
      const site = siteId === NEW_SITE ? await createSite.mutateAsync({ name: siteName }) : { id: siteId };
      onSite(site.id);
      return createToken.mutateAsync({ siteId: site.id, agentName, expiresInMinutes: Number(minutes) });
    },
    onSuccess: onCreated,
  });
}
