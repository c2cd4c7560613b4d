'use client';

import { useFormContext, useWatch } from 'react-hook-form';

import { CheckboxField, SelectField, TextField } from '../../../ui/form/form.tsx';
import type { SelectOption } from '../../../ui/form/select.tsx';
import { CodeBox } from '../../../ui/text/copy.tsx';
import type { CredentialForm, CredentialKind } from './credential-form.ts';

const KINDS: readonly SelectOption<CredentialKind>[] = [
  { value: 'bearer', label: 'Bearer token', hint: 'Authorization: Bearer <secret>' },
  { value: 'header', label: 'Header', hint: 'A header of any name, for example X-Api-Key.' },
  { value: 'basic', label: 'Basic', hint: 'User name and password.' },
  { value: 'client_credentials', label: 'OAuth client credentials', hint: 'The agent fetches tokens and renews them.' },
];

/** How the agent signs in to an HTTP server: only ever the place of a secret, never the secret. */
export function CredentialFields({ disabled }: { disabled: boolean }) {
  const { control } = useFormContext<CredentialForm>();
  const [withCredential, kind] = useWatch({ control, name: ['withCredential', 'credentialKind'] });
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
        <div className="flex flex-col gap-3 border-l-2 border-line pl-4">
          <SelectField control={control} name="credentialKind" label="Kind" disabled={disabled} options={KINDS} />
          {kind === 'header' && <HeaderFields />}
          {kind === 'basic' && (
            <TextField control={control} name="username" label="User name" mono autoComplete="off" spellCheck={false} />
          )}
          {kind === 'client_credentials' && <OAuthFields disabled={disabled} />}
          <TextField
            control={control}
            name="reference"
            label="Reference"
            mono
            placeholder={PLACEHOLDER[kind]}
            hint={`Place of the ${SECRET[kind]}: env:SECRET_NAME or file:/absolute/path`}
            autoComplete="off"
            spellCheck={false}
          />
          <OfferHelp />
        </div>
      )}
    </div>
  );
}

/** Naming a place is not enough: whoever runs the agent binds it to the address of the server. */
function OfferHelp() {
  return (
    <details className="text-xs text-muted">
      <summary className="w-fit">The machine of the agent has to offer it for this address</summary>
      <p className="mt-2 mb-2 max-w-[60ch]">
        So nobody who controls this console can read a file of your machine or send a secret elsewhere. Either set two variables,
        or put a file into the folder of the host, or name the place with its origins under credentials in guardrails.yaml. The
        value needs eight characters or more.
      </p>
      <CodeBox label="Ways to offer a credential" code={OFFERS} />
    </details>
  );
}

const OFFERS = `# agent.env; reference env:SECRET_GITHUB
SECRET_GITHUB=<the secret>
SECRET_GITHUB_ORIGIN=https://api.github.com

# or a file; reference file:/etc/gatehouse-agent/secrets/api.github.com/token
/etc/gatehouse-agent/secrets/api.github.com/token`;

function HeaderFields() {
  const { control } = useFormContext<CredentialForm>();
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <TextField control={control} name="header" label="Header" mono />
      <TextField control={control} name="prefix" label="Before the secret" optional mono maxLength={32} />
    </div>
  );
}

function OAuthFields({ disabled }: { disabled: boolean }) {
  const { control } = useFormContext<CredentialForm>();
  return (
    <>
      <TextField
        control={control}
        name="tokenUrl"
        label="Token URL"
        mono
        placeholder="https://login.example.com/oauth/token"
        spellCheck={false}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField control={control} name="clientId" label="Client id" mono autoComplete="off" spellCheck={false} />
        <TextField control={control} name="scope" label="Scope" optional mono maxLength={1_000} spellCheck={false} />
      </div>
      <SelectField
        control={control}
        name="clientAuthentication"
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

const SECRET: Record<CredentialKind, string> = {
  bearer: 'token',
  header: 'secret',
  basic: 'password',
  client_credentials: 'client secret',
};
const PLACEHOLDER: Record<CredentialKind, string> = {
  bearer: 'env:SECRET_GITHUB',
  header: 'env:SECRET_API_KEY',
  basic: 'env:SECRET_JIRA',
  client_credentials: 'env:SECRET_CLIENT',
};
