'use client';

import { useFormContext, useWatch } from 'react-hook-form';

import { TextField } from '../../../ui/form/form.tsx';
import { CredentialFields } from '../form/credential-fields.tsx';
import { ServerFields } from '../form/server-fields.tsx';
import type { Agents } from '../form/server-form.ts';
import type { OpenapiForm } from './openapi-form.ts';

/** Where the API is, who reaches it and with what credential. */
export function OpenapiFields({ agents, disabled }: { agents: Agents; disabled: boolean }) {
  const { control } = useFormContext<OpenapiForm>();
  const baseUrl = useWatch({ control, name: 'baseUrl' });
  return (
    <fieldset disabled={disabled} className="flex min-w-0 flex-col gap-4">
      <TextField
        control={control}
        name="baseUrl"
        label="Base URL"
        hint="The agent sends the calls there. The paths of the operations are appended."
        mono
        spellCheck={false}
        placeholder="https://api.example.com/v1"
      />
      <ServerFields
        agents={agents}
        agentHint="The agent (runs in your network) makes the calls, never this console."
        disabled={disabled}
      />
      <CredentialFields url={baseUrl} disabled={disabled} />
    </fieldset>
  );
}
