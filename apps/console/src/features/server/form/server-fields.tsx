'use client';

import { useFormContext, useWatch } from 'react-hook-form';

import { SelectField, TextField } from '../../../ui/form/form.tsx';
import type { Agents, ServerForm } from './server-form.ts';

export interface ServerFieldsProps {
  agents: Agents;
  /** what the agent does and this console never, while none is chosen */
  agentHint: string;
  disabled: boolean;
}

/** What the server is called, what it is for, and which agent reaches it. */
export function ServerFields({ agents, agentHint, disabled }: ServerFieldsProps) {
  const { control } = useFormContext<ServerForm>();
  const agentId = useWatch({ control, name: 'agentId' });
  const agent = agents.find(({ id }) => id === agentId);
  return (
    <>
      <TextField control={control} name="name" label="Name" hint="As people know it: GitHub, Orders, Handbook." maxLength={80} />
      <TextField
        control={control}
        name="purpose"
        label="What will people use it for?"
        hint="One sentence. The reviewer reads it."
        maxLength={500}
      />
      <SelectField
        control={control}
        name="agentId"
        label="Which agent reaches it?"
        hint={agent ? `The server will be available at site ${agent.siteName}.` : agentHint}
        disabled={disabled}
        options={agents.map(({ id, name, siteName, status }) => ({ value: id, label: `${name} · ${siteName}`, hint: status }))}
      />
    </>
  );
}
