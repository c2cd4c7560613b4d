'use client';

import { PlusIcon } from '@phosphor-icons/react/ssr';
import { useFieldArray, useFormContext, useWatch } from 'react-hook-form';

import { MOST_CREDENTIALS } from '@gatehouse/policy/documents/snapshot';

import { Button } from '../../../ui/button.tsx';
import { CheckboxField, SelectField, TextField } from '../../../ui/form/form.tsx';
import type { SelectOption } from '../../../ui/form/select.tsx';
import { type CredentialForm, type CredentialKind, EMPTY_ROW } from './credential-form.ts';
import { CredentialOffer } from './credential-offer.tsx';
import { FixedHeaders } from './fixed-headers.tsx';
import { OAuthFields } from './oauth-fields.tsx';

const KINDS: readonly SelectOption<CredentialKind>[] = [
  { value: 'bearer', label: 'Bearer token', hint: 'Authorization: Bearer <secret>' },
  { value: 'header', label: 'Header', hint: 'A header of any name, for example X-Api-Key, or a cookie.' },
  { value: 'query', label: 'Query parameter', hint: 'In the URL: ?api_key=<secret>' },
  { value: 'basic', label: 'Basic', hint: 'User name and password.' },
  { value: 'client_credentials', label: 'OAuth client credentials', hint: 'The agent fetches tokens and renews them.' },
];

export interface CredentialFieldsProps {
  /** of the server, as far as it is known: what has to be written at the site depends on it */
  url: string | null;
  disabled: boolean;
}

/** What an HTTP server is sent beside its requests: only ever the places of secrets, never a secret, and headers that are none. */
export function CredentialFields({ url, disabled }: CredentialFieldsProps) {
  const { control } = useFormContext<CredentialForm>();
  const [withCredential, credentials] = useWatch({ control, name: ['withCredential', 'credentials'] });
  return (
    <div className="flex flex-col gap-3">
      <CheckboxField
        control={control}
        name="withCredential"
        label="It needs a credential"
        hint="You name the place on the agent's machine. The value never comes here."
        disabled={disabled}
      />
      {withCredential && (
        <>
          <Credentials disabled={disabled} />
          <CredentialOffer rows={credentials} url={url} />
        </>
      )}
      <FixedHeaders disabled={disabled} />
    </div>
  );
}

function Credentials({ disabled }: { disabled: boolean }) {
  const { control } = useFormContext<CredentialForm>();
  const { fields, append, remove } = useFieldArray({ control, name: 'credentials' });
  return (
    <>
      {fields.map(({ id }, index) => (
        <div
          key={id}
          role="group"
          aria-label={fields.length > 1 ? `Credential ${index + 1}` : 'Credential'}
          className="flex flex-col gap-3 border-l-2 border-line pl-4"
        >
          <OneCredential index={index} disabled={disabled} />
          {fields.length > 1 && (
            <Button variant="ghost" size="small" className="self-start" onClick={() => remove(index)}>
              Remove this credential
            </Button>
          )}
        </div>
      ))}
      {fields.length < MOST_CREDENTIALS && (
        <Button variant="ghost" size="small" icon={PlusIcon} className="-ml-2 self-start" onClick={() => append(EMPTY_OTHER)}>
          Another credential in the same request
        </Button>
      )}
    </>
  );
}

/** A second one is hardly ever a bearer token too. */
const EMPTY_OTHER = { ...EMPTY_ROW, credentialKind: 'header' as const };

function OneCredential({ index, disabled }: { index: number; disabled: boolean }) {
  const { control } = useFormContext<CredentialForm>();
  const at = `credentials.${index}` as const;
  const kind = useWatch({ control, name: `${at}.credentialKind` });
  return (
    <>
      <SelectField control={control} name={`${at}.credentialKind`} label="Kind" disabled={disabled} options={KINDS} />
      {kind === 'header' && (
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField control={control} name={`${at}.header`} label="Header" mono spellCheck={false} />
          <TextField control={control} name={`${at}.prefix`} label="Before the secret" optional mono maxLength={32} />
        </div>
      )}
      {kind === 'query' && (
        <TextField
          control={control}
          name={`${at}.parameter`}
          label="Parameter"
          hint="The agent adds it to the URL of every request."
          mono
          spellCheck={false}
        />
      )}
      {kind === 'basic' && (
        <TextField control={control} name={`${at}.username`} label="User name" mono autoComplete="off" spellCheck={false} />
      )}
      {kind === 'client_credentials' && <OAuthFields at={at} disabled={disabled} />}
      <TextField
        control={control}
        name={`${at}.reference`}
        label="Reference"
        mono
        placeholder={PLACEHOLDER[kind]}
        hint={`Place of the ${SECRET[kind]}: env:SECRET_NAME or file:/absolute/path`}
        autoComplete="off"
        spellCheck={false}
      />
    </>
  );
}

const SECRET: Record<CredentialKind, string> = {
  bearer: 'token',
  header: 'secret',
  query: 'secret',
  basic: 'password',
  client_credentials: 'client secret',
};
const PLACEHOLDER: Record<CredentialKind, string> = {
  bearer: 'env:SECRET_GITHUB',
  header: 'env:SECRET_API_KEY',
  query: 'env:SECRET_API_KEY',
  basic: 'env:SECRET_JIRA',
  client_credentials: 'env:SECRET_CLIENT',
};
