'use client';

import type { ApiOutput } from '../../trpc/client.tsx';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { CredentialFields } from './credential-fields.tsx';
import type { OpenapiForm, OpenapiProblems } from './openapi-form.ts';

export interface OpenapiFieldsProps {
  form: OpenapiForm;
  set: (change: Partial<OpenapiForm>) => void;
  problems: OpenapiProblems;
  agents: ApiOutput['agent']['list'];
  disabled: boolean;
}

/** Where the API is, who reaches it and with what credential. */
export function OpenapiFields({ form, set, problems, agents, disabled }: OpenapiFieldsProps) {
  const agent = agents.find(({ id }) => id === form.agentId);
  return (
    <fieldset disabled={disabled} className="flex min-w-0 flex-col gap-4">
      <Input
        label="Base URL"
        hint="The agent sends the calls there. The paths of the operations are appended."
        mono
        spellCheck={false}
        error={problems.baseUrl}
        placeholder="https://api.example.com/v1"
        value={form.baseUrl}
        onChange={(event) => set({ baseUrl: event.target.value.trim() })}
      />
      <Input
        label="Name"
        hint="As people know it: GitHub, Orders, Handbook."
        error={problems.name}
        value={form.name}
        maxLength={80}
        onChange={(event) => set({ name: event.target.value })}
      />
      <Input
        label="What will people use it for?"
        hint="One sentence. The reviewer reads it."
        error={problems.purpose}
        value={form.purpose}
        maxLength={500}
        onChange={(event) => set({ purpose: event.target.value })}
      />
      <Select
        label="Which agent reaches it?"
        hint={
          agent
            ? `The server will be available at site ${agent.siteSlug}.`
            : 'The agent (runs in your network) makes the calls, never this console.'
        }
        error={problems.agentId}
        value={form.agentId}
        disabled={disabled}
        onValueChange={(agentId) => set({ agentId })}
        options={agents.map(({ id, name, siteSlug, status }) => ({ value: id, label: `${name} · ${siteSlug}`, hint: status }))}
      />
      <CredentialFields form={form} set={set} problems={problems} disabled={disabled} />
    </fieldset>
  );
}
