import { holdsSecret, LeftOutList, SecretAdvice, type HeldBack } from '../../../ui/entity/left-out-list.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import type { ListedOffer } from './left-out.ts';

export interface LeftOutProps {
  /** part by part; null: nothing, or not told so */
  heldBack: Pick<HeldBack, 'parts' | 'more'> | null;
  /** by an agent or console of before */
  offer: Pick<ListedOffer, 'leftOut' | 'hasSecret'>;
}

/** What is not offered although the server has it, why, and what helps. */
export function LeftOut({ heldBack, offer: { leftOut, hasSecret } }: LeftOutProps) {
  return (
    <>
      {leftOut.length > 0 && (
        <ul aria-label="Left out" className="flex flex-col gap-1">
          {leftOut.map((note) => (
            <li key={note} className="wrap-anywhere first-letter:uppercase">
              <UntrustedText text={note} />
            </li>
          ))}
        </ul>
      )}
      {heldBack && <LeftOutList label="Left out, with every reason" leftOut={heldBack} />}
      {(hasSecret || (heldBack && holdsSecret(heldBack.parts))) && <SecretAdvice />}
    </>
  );
}
