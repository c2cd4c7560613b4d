'use client';

import { KIND_WORD } from '@gatehouse/policy/documents/entry-counts';

import type { ApiOutput } from '../../trpc/client.tsx';
import { useShown } from '../list/use-shown.tsx';
import { describeCount } from '../text/count.ts';
import { UntrustedText } from '../text/untrusted-text.tsx';
import { nameSecretRule } from './private-rule.ts';

/** What of a server is not offered, at one site. */
export type HeldBack = ApiOutput['review']['get']['heldBack'][number];
export type LeftOutPart = HeldBack['parts'][number];

/** Definitions that are made at a time. */
const ROWS = 50;

/** What is left out, definition by definition, each with every reason and its place; nothing is cut. */
export function LeftOutList({ label, leftOut: { parts, more } }: { label: string; leftOut: Pick<HeldBack, 'parts' | 'more'> }) {
  const { shown, more: moreOf } = useShown(groupByDefinition(parts), ROWS);
  return (
    <>
      <ul aria-label={label} className="flex flex-col gap-3">
        {shown.map((about, index) => (
          <li key={index} className="min-w-0">
            <Heading part={about[0]} />
            <LeftOutReasons parts={about} />
          </li>
        ))}
      </ul>
      {moreOf && <div className="mt-2">{moreOf}</div>}
      {more > 0 && (
        <p className="mt-2">
          {describeCount(more, 'more reason')} {more === 1 ? 'is' : 'are'} only counted: an agent tells 2,000 of one look, and not
          more than fits into a message.
        </p>
      )}
    </>
  );
}

/** The reasons for one definition, with the place and the keyword of each. */
export function LeftOutReasons({ parts }: { parts: readonly LeftOutPart[] }) {
  return (
    <ul className="flex flex-col gap-0.5 border-l-2 border-line pl-2.5">
      {parts.map(({ pointer, keyword, reason }, index) => (
        <li key={index} className="wrap-anywhere first-letter:uppercase">
          <UntrustedText text={nameSecretRule(reason)} />
          {keyword !== null && pointer?.endsWith(`/${keyword}`) !== true && (
            <>
              , keyword{' '}
              <code className="text-xs">
                <UntrustedText text={keyword} />
              </code>
            </>
          )}
          {pointer !== null && (
            <>
              {' '}
              <code className="text-xs">
                <UntrustedText text={pointer} />
              </code>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function Heading({ part }: { part: LeftOutPart | undefined }) {
  if (!part) return null;
  const { kind, name, cause } = part;
  if (kind === 'instructions') return <p className="font-medium">Instructions</p>;
  const word = KIND_WORD[kind];
  if (name === null) {
    const isList = cause === 'unlisted' || cause === 'too_many';
    return <p className="font-medium">{isList ? `The list of ${word}s` : `A ${word} whose name stays at the site`}</p>;
  }
  return (
    <p className="wrap-anywhere">
      <span className="font-mono font-medium">
        <UntrustedText text={name} />
      </span>
      {kind !== 'tool' && <span className="text-xs"> {word}</span>}
    </p>
  );
}

/** Neighbours that are about the same definition; without a name each is by itself. */
function groupByDefinition(parts: readonly LeftOutPart[]): LeftOutPart[][] {
  const groups: LeftOutPart[][] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    const before = last?.[0];
    if (last && before && part.name !== null && part.name === before.name && part.kind === before.kind) last.push(part);
    else groups.push([part]);
  }
  return groups;
}

/** "12 definitions" that are left out, as far as they are told. */
export function countLeftOut({ parts }: Pick<HeldBack, 'parts'>): number {
  return groupByDefinition(parts).length;
}

/** Whether something of it stays at its site for what reads as a secret. */
export const holdsSecret = (parts: readonly LeftOutPart[]): boolean =>
  parts.some(({ cause }) => cause === 'secret' || cause === 'credential');

/** What helps where a secret is the reason. */
export function SecretAdvice() {
  return (
    <p className="mt-2 max-w-[76ch] text-xs">
      What reads as a secret does not leave the site, and what holds it cannot be used: nobody can let it through, here or in the
      guardrails. Ask whoever runs the server to take it out of the place that is named, or, where it is only an example, to write
      a plain one there, such as your-token. Then look again.
    </p>
  );
}
