import { Checkbox } from '../../ui/form/checkbox.tsx';
import type { EntryDraft } from './decision-draft.ts';
import { Place } from './finding/place.tsx';
import type { ReviewEntry } from './summary.ts';

export interface IgnoredWordsProps {
  entry: ReviewEntry;
  draft: EntryDraft;
  editable: boolean;
  onChange: (next: EntryDraft) => void;
}

/** What a server words anew at each look, and the choice to let it: nothing where it always said the same. */
export function IgnoredWords({ entry, draft, editable, onChange }: IgnoredWordsProps) {
  const { name, reworded, decision } = entry;
  const offered = [...new Set([...reworded, ...decision.ignored])].toSorted();
  const places = editable ? offered : draft.ignored;
  if (places.length === 0) return null;
  const isIgnored = draft.ignored.length > 0;
  return (
    <section aria-label={`Words of ${name} that change`} className="rounded-control border border-line p-3">
      <p>
        {editable
          ? 'At other looks the server said something else here, and nothing else was different:'
          : 'Approved whatever the server says here; AI clients get the words that were approved:'}
      </p>
      <ul className="mt-1 flex flex-col gap-1 border-l-2 border-line pl-2.5 text-xs">
        {places.map((pointer) => (
          <li key={pointer} className="wrap-anywhere first-letter:uppercase">
            <Place pointer={pointer} />
          </li>
        ))}
      </ul>
      {editable && (
        <Checkbox
          className="mt-3"
          label="Approve it whatever these say"
          hint={
            isIgnored
              ? 'AI clients get the words that you see here, never others. Anything else that changes needs a new review.'
              : 'Without this, calls are refused as soon as the server words it otherwise.'
          }
          checked={isIgnored}
          onCheckedChange={(on) => onChange({ ...draft, ignored: on ? offered : [] })}
        />
      )}
    </section>
  );
}
