'use client';

import { useFormContext } from 'react-hook-form';

import { SelectField, TextField } from '../../../ui/form/form.tsx';
import type { CredentialForm } from './credential-form.ts';

/** Where and as whom the agent fetches tokens. */
export function OAuthFields({ at, disabled }: { at: `credentials.${number}`; disabled: boolean }) {
  const { control } = useFormContext<CredentialForm>();
  return (
    <>
      <TextField
        control={control}
        name={`${at}.tokenUrl`}
        label="Token URL"
        mono
        placeholder="https://login.example.com/oauth/token"
        spellCheck={false}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField control={control} name={`${at}.clientId`} label="Client id" mono autoComplete="off" spellCheck={false} />
        <TextField control={control} name={`${at}.scope`} label="Scope" optional mono maxLength={1_000} spellCheck={false} />
      </div>
      <SelectField
        control={control}
        name={`${at}.clientAuthentication`}
        label="Client id and secret are sent"
        disabled={disabled}
        options={[
          { value: 'basic', label: 'In a header', hint: 'HTTP Basic, what the standard recommends.' },
          { value: 'body', label: 'In the body', hint: 'For token endpoints that do not take the header.' },
        ]}
      />
    </>
  );
}
