import type { ReactNode } from 'react';

import type { ApiOutput } from '../../trpc/client.tsx';
import { ScrollRegion } from '../layout/scroll-region.tsx';
import { describeCount } from '../text/count.ts';
import { UntrustedText } from '../text/untrusted-text.tsx';

type WithheldCode = ApiOutput['agent']['get']['withheld'][number]['code'];

/** What helps against each reason; the agent's own words say what exactly is lacking. */
const ADVICE: Record<WithheldCode, string> = {
  guardrail:
    'The guardrails of the site do not allow this. Whoever runs the agent can allow it in the guardrails file and restart the agent; nobody can from here.',
  credential: 'The credential is not offered at the site. Once it is, the agent takes the server in by itself.',
  sandbox: 'The host cannot confine the program. Once that is mended there, restart the agent.',
  invalid:
    'The agent cannot read this part of the configuration. It asks for it again when it connects. If this stays, update the agent.',
};

export interface WithheldItem {
  id: string;
  /** what is left out, or who leaves it out */
  name: ReactNode;
  code: WithheldCode;
  /** the agent's own words */
  message: string;
}

/** "2 servers and 1 profile" */
export function describeWithheld(withheld: readonly { kind: 'server' | 'profile' }[]): string {
  const counts = [...Map.groupBy(withheld, ({ kind }) => kind)].map(([kind, { length }]) => describeCount(length, kind));
  return counts.join(' and ');
}

/** What agents leave out, by reason, each reason with what to do. */
export function WithheldList({ label, items }: { label: string; items: readonly WithheldItem[] }) {
  return (
    <ScrollRegion label={label} className="max-h-96">
      {[...Map.groupBy(items, ({ code }) => code)].map(([code, alike]) => (
        <div key={code} className="mt-2.5">
          <ul className="space-y-1">
            {alike.map(({ id, name, message }) => (
              <li key={id}>
                <span className="font-medium">{name}</span>: <UntrustedText text={message} />
              </li>
            ))}
          </ul>
          <p className="mt-1 text-xs">{ADVICE[code]}</p>
        </div>
      ))}
    </ScrollRegion>
  );
}
