import { diffWordsWithSpace } from 'diff';

import { UntrustedText } from './untrusted-text.tsx';

/** What changed between two texts, word by word. Marked by sign and by element, so it reads without colour and to a screen reader. */
export function WordDiff({ before, after }: { before: string; after: string }) {
  return (
    <div className="whitespace-pre-wrap">
      {diffWordsWithSpace(before, after).map((part, index) => {
        if (part.removed) {
          return (
            <del key={index} className="rounded-chip bg-danger-bg px-0.5 text-danger-fg">
              <span aria-hidden="true">−</span>
              <UntrustedText text={part.value} />
            </del>
          );
        }
        if (part.added) {
          return (
            <ins key={index} className="rounded-chip bg-ok-bg px-0.5 text-ok-fg no-underline">
              <span aria-hidden="true">+</span>
              <UntrustedText text={part.value} />
            </ins>
          );
        }
        return <UntrustedText key={index} text={part.value} />;
      })}
    </div>
  );
}
