import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import type { CredentialRow } from '../form/credential-form.ts';
import type { Pasted } from './pasted-secrets.ts';

/** What became of a pasted configuration or address: what the form has of it now, and what it has not. */
export function PastedNotes({ pasted: { credentials, headers, notes } }: { pasted: Pasted }) {
  if (credentials.length === 0 && headers.length === 0 && notes.length === 0) return null;
  return (
    <div role="status" className="rounded-card border border-line bg-sunken p-3 text-xs text-muted">
      <p className="font-medium text-fg">Taken from what you pasted</p>
      <ul className="mt-1.5 flex list-disc flex-col gap-1 pl-4">
        {credentials.map((row) => (
          <li key={describePlace(row)}>
            The place of a secret, <span className="font-mono break-all text-fg">{describePlace(row)}</span>, and not its value
          </li>
        ))}
        {headers.map(({ name, value }) => (
          <li key={name}>
            A fixed header,{' '}
            <span className="font-mono break-all text-fg">
              <UntrustedText text={`${name}: ${value}`} />
            </span>
          </li>
        ))}
        {notes.map((note) => (
          <li key={note}>
            <UntrustedText text={note} />
          </li>
        ))}
      </ul>
      {credentials.length > 0 && (
        <p className="mt-1.5">
          The console never gets a secret. Put it on the machine of the agent, in the lines that stand below the credential.
        </p>
      )}
    </div>
  );
}

function describePlace({ credentialKind, header, prefix, parameter }: CredentialRow): string {
  switch (credentialKind) {
    case 'bearer':
      return 'Authorization: Bearer …';
    case 'header':
      return `${header}: ${prefix}…`;
    case 'query':
      return `?${parameter}=…`;
    case 'basic':
      return 'Authorization: Basic …';
    case 'client_credentials':
      return 'an OAuth token';
  }
}
