import type { HiddenTextRule } from '@gatehouse/policy/findings/hidden-text';

import { describePrivateRule } from '../../ui/entity/private-rule.ts';
import { Checkbox } from '../../ui/form/checkbox.tsx';
import { ScrollRegion } from '../../ui/layout/scroll-region.tsx';
import type { EntryDraft } from './decision-draft.ts';
import { Place } from './place.tsx';
import type { ReviewEntry } from './summary.ts';

const HIDDEN_WORDS: Record<HiddenTextRule, string> = {
  tags: 'Tag characters, which spell text that nobody sees',
  'variation-selectors': 'Variation selectors, which can carry text that nobody sees',
  'zero-width': 'Characters of no width',
  direction: 'Characters that turn the direction of reading',
  terminal: 'Commands to a terminal',
  control: 'Control characters',
  'private-use': 'Characters without a meaning of their own',
  'soft-hyphens': 'Soft hyphens between single letters',
  'look-alikes': 'Words with letters of two scripts that look alike',
  'styled-letters': 'Text in styled letters',
  'blank-space': 'Blank space that moves text out of sight',
  markup: 'Markup that is not shown',
  encoded: 'Encoded text, which a model can read',
};

export interface EntryFindingsProps {
  entry: ReviewEntry;
  draft: EntryDraft;
  editable: boolean;
  onChange: (next: EntryDraft) => void;
}

/** What was found in a definition, and the tick without which it is not approved: always in sight, however much was found. */
export function EntryFindings({ entry, draft, editable, onChange }: EntryFindingsProps) {
  return (
    <section className="rounded-control border border-danger p-3" aria-label={`What was found in ${entry.name}`}>
      <ScrollRegion label={`Findings in ${entry.name}`} className="flex max-h-80 flex-col gap-3">
        <HiddenTexts entry={entry} />
        <PrivatePassages entry={entry} />
      </ScrollRegion>
      {editable && (
        <Checkbox
          className="mt-3"
          label="I have looked at it"
          hint="Without this it cannot be approved. AI clients get it as it is."
          checked={draft.seenHidden === true}
          onCheckedChange={(seenHidden) => onChange({ ...draft, seenHidden })}
        />
      )}
    </section>
  );
}

/** By kind: of many alike, what differs is where they stand. */
function HiddenTexts({ entry: { hiddenText } }: Pick<EntryFindingsProps, 'entry'>) {
  if (hiddenText.length === 0) return null;
  return (
    <div>
      <h4 className="font-medium">Hidden text</h4>
      {[...Map.groupBy(hiddenText, ({ rule }) => rule)].map(([rule, alike]) => (
        <div key={rule} className="mt-2">
          <p>{HIDDEN_WORDS[rule]}</p>
          <ul className="mt-1 flex flex-col gap-1 border-l-2 border-line pl-2.5 text-xs">
            {alike.map(({ pointer, shown, count }) => (
              <li key={pointer} className="wrap-anywhere">
                <Place pointer={pointer} />
                {count > 1 && `, ${count} times`}: <code className="text-danger-fg">{shown}</code>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function PrivatePassages({ entry: { privatePassages } }: Pick<EntryFindingsProps, 'entry'>) {
  if (privatePassages.length === 0) return null;
  return (
    <div>
      <h4 className="font-medium">Seems to be secret or personal</h4>
      <ul className="mt-2 flex flex-col gap-1">
        {privatePassages.map(({ pointer, rule }) => (
          <li key={`${pointer} ${rule}`} className="wrap-anywhere first-letter:uppercase">
            {describePrivateRule(rule)}, <Place pointer={pointer} />
          </li>
        ))}
      </ul>
    </div>
  );
}
