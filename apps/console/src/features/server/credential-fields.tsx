'use client';

import { Checkbox } from '../../ui/checkbox.tsx';
import { Input } from '../../ui/input.tsx';
import { Select, type SelectOption } from '../../ui/select.tsx';
import type { CredentialForm, CredentialKind, CredentialProblems } from './credential-form.ts';

export interface CredentialFieldsProps {
  form: CredentialForm;
  set: (change: Partial<CredentialForm>) => void;
  problems: CredentialProblems;
  disabled: boolean;
}

const KINDS: readonly SelectOption<CredentialKind>[] = [
  { value: 'bearer', label: 'Bearer token', hint: 'Authorization: Bearer <secret>' },
  { value: 'header', label: 'Header', hint: 'A header of any name, for example X-Api-Key.' },
  { value: 'basic', label: 'Basic', hint: 'User name and password.' },
  { value: 'client_credentials', label: 'OAuth client credentials', hint: 'The agent fetches tokens and renews them.' },
];

/** How the agent signs in to an HTTP server: only ever the place of a secret, never the secret. */
export function CredentialFields(props: CredentialFieldsProps) {
  const { form, set, disabled } = props;
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
        <div className="flex flex-col gap-3 border-l-2 border-line pl-4">
          <Select
            label="Kind"
            value={form.credentialKind}
            disabled={disabled}
            onValueChange={(credentialKind) => set({ credentialKind })}
            options={KINDS}
          />
          <KindFields {...props} />
        </div>
      )}
    </div>
  );
}

function KindFields({ form, set, problems, disabled }: CredentialFieldsProps) {
  const reference = (
    <Input
      label="Reference"
      mono
      placeholder={PLACEHOLDER[form.credentialKind]}
      error={problems.reference}
      hint={`Place of the ${SECRET[form.credentialKind]}: env:NAME or file:/absolute/path`}
      autoComplete="off"
      spellCheck={false}
      value={form.reference}
      onChange={(event) => set({ reference: event.target.value.trim() })}
    />
  );
  switch (form.credentialKind) {
    case 'bearer':
      return reference;
    case 'header':
      return (
        <>
          <div className="grid gap-3 sm:grid-cols-2">
            <Input
              label="Header"
              mono
              error={problems.header}
              value={form.header}
              onChange={(event) => set({ header: event.target.value.trim() })}
            />
            <Input
              label="Before the secret"
              optional
              mono
              value={form.prefix}
              maxLength={32}
              onChange={(event) => set({ prefix: event.target.value })}
            />
          </div>
          {reference}
        </>
      );
    case 'basic':
      return (
        <>
          <Input
            label="User name"
            mono
            error={problems.username}
            autoComplete="off"
            spellCheck={false}
            value={form.username}
            onChange={(event) => set({ username: event.target.value })}
          />
          {reference}
        </>
      );
    case 'client_credentials':
      return (
        <>
          <OAuthFields form={form} set={set} problems={problems} disabled={disabled} />
          {reference}
        </>
      );
  }
}

function OAuthFields({ form, set, problems, disabled }: CredentialFieldsProps) {
  return (
    <>
      <Input
        label="Token URL"
        mono
        placeholder="https://login.example.com/oauth/token"
        error={problems.tokenUrl}
        spellCheck={false}
        value={form.tokenUrl}
        onChange={(event) => set({ tokenUrl: event.target.value.trim() })}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <Input
          label="Client id"
          mono
          error={problems.clientId}
          autoComplete="off"
          spellCheck={false}
          value={form.clientId}
          onChange={(event) => set({ clientId: event.target.value.trim() })}
        />
        <Input
          label="Scope"
          optional
          mono
          maxLength={1_000}
          spellCheck={false}
          value={form.scope}
          onChange={(event) => set({ scope: event.target.value })}
        />
      </div>
      <Select
        label="Client id and secret are sent"
        value={form.clientAuthentication}
        disabled={disabled}
        onValueChange={(clientAuthentication) => set({ clientAuthentication })}
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
  bearer: 'env:GITHUB_TOKEN',
  header: 'env:API_KEY',
  basic: 'env:JIRA_PASSWORD',
  client_credentials: 'env:CLIENT_SECRET',
};
