import type { ReactNode } from 'react';

import { LeftOutReasons } from '../../ui/entity/left-out-list.tsx';
import { ScrollRegion } from '../../ui/layout/scroll-region.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import { findLeftOut } from './find-left-out.ts';
import type { ReviewDetail, ReviewEntry } from './summary.ts';

export interface EntryNotesProps {
  entry: ReviewEntry;
  heldBack: ReviewDetail['heldBack'];
}

/** What clients do not get of a definition, what else the server calls like it, and how its schemas are read. */
export function EntryNotes({ entry, heldBack }: EntryNotesProps) {
  const { name, notShown, schemaNotes } = entry;
  const others = findLeftOut(heldBack, entry);
  return (
    <>
      {notShown.length > 0 && (
        <Notes label={`What clients do not get of ${name}`} title="AI clients do not get">
          {notShown.map(({ pointer, reason }) => (
            <Note key={pointer} pointer={pointer} reason={reason} />
          ))}
        </Notes>
      )}
      {schemaNotes.length > 0 && (
        <Notes label={`How the schemas of ${name} are read`} title="Read otherwise than written, when calls are checked">
          {schemaNotes.map(({ pointer, reason }, index) => (
            <Note key={index} pointer={pointer} reason={reason} />
          ))}
        </Notes>
      )}
      {others.length > 0 && (
        <section aria-label={`Left out under the name ${name}`} className="rounded-control border border-line p-3">
          <p className="mb-1 font-medium">Left out under the same name</p>
          <LeftOutReasons parts={others} />
        </section>
      )}
    </>
  );
}

function Notes({ label, title, children }: { label: string; title: string; children: ReactNode }) {
  return (
    <div className="rounded-control border border-line p-3">
      <p className="mb-1 font-medium">{title}</p>
      <ScrollRegion label={label} className="max-h-64">
        <ul className="flex flex-col gap-1 border-l-2 border-line pl-2.5 text-xs">{children}</ul>
      </ScrollRegion>
    </div>
  );
}

function Note({ pointer, reason }: { pointer: string; reason: string }) {
  return (
    <li className="wrap-anywhere">
      <code>
        <UntrustedText text={pointer} />
      </code>
      : <UntrustedText text={reason} />
    </li>
  );
}
