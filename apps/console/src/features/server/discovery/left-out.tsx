import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import type { ListedOffer } from './left-out.ts';

/** What is not offered although the server has it, why, and what helps. */
export function LeftOut({ offer: { leftOut, hasSecret } }: { offer: Pick<ListedOffer, 'leftOut' | 'hasSecret'> }) {
  return (
    <>
      <ul aria-label="Left out" className="flex flex-col gap-1">
        {leftOut.map((note) => (
          <li key={note} className="wrap-anywhere first-letter:uppercase">
            <UntrustedText text={note} />
          </li>
        ))}
      </ul>
      {hasSecret && (
        <p className="mt-2 text-xs">
          What reads as a secret does not leave the site, and what holds it cannot be used: nobody can let it through, here or in
          the guardrails. Ask whoever runs the server to take it out of the place that is named, or, where it is only an example,
          to write a plain one there, such as your-token. Then look again.
        </p>
      )}
    </>
  );
}
