'use client';

import { Checkbox } from '../../ui/checkbox.tsx';
import { Input } from '../../ui/input.tsx';
import type { FormProblems, NewServerForm } from './new-server-form.ts';

export interface CredentialFieldsProps {
  form: NewServerForm;
  set: (change: Partial<NewServerForm>) => void;
  problems: FormProblems;
  disabled: boolean;
}

/** How the agent signs in to an HTTP server: only ever the place of a secret, never the secret. */
export function CredentialFields({ form, set, problems, disabled }: CredentialFieldsProps) {
  return (
    <div className="flex flex-col gap-3">
      <Checkbox
        label="It needs a credential"
        hint="You name the place on the agent's machine. The value never comes here."
        checked={form.withCredential}
        disabled={disabled}
        onCheckedChange={(withCredential) => set({ withCredential })}
      />
      {form.withCredential && (
        <div className="grid gap-3 border-l-2 border-line pl-4 sm:grid-cols-[1fr_1fr_2fr]">
          <Input
            label="Header"
            mono
            error={problems.header}
            value={form.header}
            onChange={(event) => set({ header: event.target.value })}
          />
          <Input
            label="Before it"
            mono
            value={form.prefix}
            maxLength={32}
            onChange={(event) => set({ prefix: event.target.value })}
          />
          <Input
            label="Reference"
            mono
            placeholder="env:GITHUB_TOKEN"
            error={problems.reference}
            hint="env:NAME or file:/absolute/path"
            autoComplete="off"
            value={form.reference}
            onChange={(event) => set({ reference: event.target.value.trim() })}
          />
        </div>
      )}
    </div>
  );
}
