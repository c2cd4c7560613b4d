import { CodeBox } from '../../../ui/text/copy.tsx';
import type { CredentialRow } from './credential-form.ts';
import { writeOffers } from './offer-lines.ts';

/** Naming a place is not enough: whoever runs the agent binds it to the address of the server. Here are the lines for that. */
export function CredentialOffer({ rows, url }: { rows: readonly CredentialRow[]; url: string | null }) {
  const isNamed = rows.some(({ reference }) => reference !== '');
  return (
    <details className="text-xs text-muted" open={isNamed || undefined}>
      <summary className="w-fit">The machine of the agent has to offer it for this address</summary>
      <p className="mt-2 mb-2 max-w-[60ch]">
        So nobody who controls this console can read a file of your machine or send a secret elsewhere. Two variables, a file in
        the folder of the host, or an entry under credentials in guardrails.yaml say what goes where. The value needs eight
        characters or more.
      </p>
      <CodeBox label="What to write on the agent's machine" code={writeOffers(rows, url)} />
    </details>
  );
}
