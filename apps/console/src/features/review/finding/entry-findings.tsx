import type { HiddenTextRule } from '@gatehouse/policy/findings/hidden-text';
import type { PhraseRule } from '@gatehouse/policy/findings/suspect-phrases';

import { cn } from '../../../ui/cn.ts';
import { describePrivateRule } from '../../../ui/entity/private-rule.ts';
import { Checkbox } from '../../../ui/form/checkbox.tsx';
import { ScrollRegion } from '../../../ui/layout/scroll-region.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import type { EntryDraft } from '../decision-draft.ts';
import { countOpenFindings, type ReviewEntry } from '../summary.ts';
import { type Finding, type FindingPlace, FindingState, getFinding } from './finding-state.tsx';
import { Place } from './place.tsx';

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

const PHRASE_WORDS: Record<PhraseRule, string> = {
  overrules: 'Tells a model to ignore what it was told',
  secrecy: 'Asks to keep something from people',
  tags: 'Tags that make it look like a message of the system',
  'new-role': 'Gives a model another role',
  conversation: 'Asks for the conversation, or what the model was told',
  'goes-first': 'Wants to be called before other tools',
  'other-tools': 'Says how another tool is to be used',
  'side-note': 'Asks for a side note, which can carry anything',
  'secret-files': 'Names a file that holds secrets',
  environment: 'Gives out the environment of a program, which often holds secrets',
  'environment-dump': 'Holds an environment, which may be of a real machine',
};

export interface EntryFindingsProps {
  entry: ReviewEntry;
  draft: EntryDraft;
  editable: boolean;
  /** why this person may not approve it: then there is nothing to tick first */
  approveRefusal: string | null;
  reviewId: string;
  /** who looks may say of each what it is */
  maySettle: boolean;
  onChange: (next: EntryDraft) => void;
}

/** What was found in a definition, and the tick without which it is not approved: always in sight, however much was found. */
export function EntryFindings({ entry, draft, editable, approveRefusal, reviewId, maySettle, onChange }: EntryFindingsProps) {
  const isOpen = countOpenFindings(entry) > 0;
  const place = { reviewId, entry, editable: maySettle };
  return (
    <section
      className={cn('rounded-control border p-3', isOpen ? 'border-danger' : 'border-line')}
      aria-label={`What was found in ${entry.name}`}
    >
      <ScrollRegion label={`Findings in ${entry.name}`} className="flex max-h-80 flex-col gap-3">
        <Quoted
          title="Hidden text"
          what="hiddenText"
          found={entry.hiddenText}
          describe={(rule) => HIDDEN_WORDS[rule]}
          {...place}
        />
        <Quoted
          title="More than a description"
          what="phrases"
          found={entry.phrases}
          describe={(rule) => PHRASE_WORDS[rule]}
          {...place}
        />
        <PrivatePassages {...place} entry={entry} />
        <LookAlikes {...place} entry={entry} />
        <ForeignNames {...place} entry={entry} />
      </ScrollRegion>
      {editable && approveRefusal === null && isOpen && (
        <Checkbox
          className="mt-3"
          label="I have looked at it"
          hint="For this review alone; what is acknowledged or no problem is not asked about again in this text. Without either it cannot be approved. AI clients get it as it is."
          checked={draft.seenHidden === true}
          onCheckedChange={(seenHidden) => onChange({ ...draft, seenHidden })}
        />
      )}
    </section>
  );
}

interface QuotedProps<Rule extends string> extends FindingPlace {
  title: string;
  what: Finding['what'];
  found: readonly { rule: Rule; pointer: string; shown: string; count: number }[];
  describe: (rule: Rule) => string;
}

/** By kind: of many alike, what differs is where they stand. */
function Quoted<Rule extends string>({ title, what, found, describe, ...place }: QuotedProps<Rule>) {
  if (found.length === 0) return null;
  return (
    <div>
      <h4 className="font-medium">{title}</h4>
      {[...Map.groupBy(found, ({ rule }) => rule)].map(([rule, alike]) => (
        <div key={rule} className="mt-2">
          <p>{describe(rule)}</p>
          <ul className="mt-1 flex flex-col gap-1 border-l-2 border-line pl-2.5 text-xs">
            {alike.map(({ pointer, shown, count }) => (
              <li key={pointer} className="wrap-anywhere">
                <Place pointer={pointer} />
                {count > 1 && `, ${count} times`}: <code className="text-danger-fg">{shown}</code>
                <FindingState {...place} finding={getFinding(place.entry, what, rule, pointer)} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function PrivatePassages({ entry, ...place }: FindingPlace & Pick<EntryFindingsProps, 'entry'>) {
  const { privatePassages } = entry;
  if (privatePassages.length === 0) return null;
  return (
    <div>
      <h4 className="font-medium">Seems to be secret or personal</h4>
      <ul className="mt-2 flex flex-col gap-1">
        {privatePassages.map(({ pointer, rule }) => (
          <li key={`${pointer} ${rule}`} className="wrap-anywhere first-letter:uppercase">
            {describePrivateRule(rule)}, <Place pointer={pointer} />
            <FindingState {...place} entry={entry} finding={getFinding(entry, 'privatePassages', rule, pointer)} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function LookAlikes({ entry, ...place }: FindingPlace & Pick<EntryFindingsProps, 'entry'>) {
  const { lookAlikes } = entry;
  if (lookAlikes.length === 0) return null;
  return (
    <div>
      <h4 className="font-medium">Looks like another name of this server</h4>
      <ul className="mt-2 flex flex-col gap-1">
        {lookAlikes.map((name) => (
          <li key={name} className="font-mono text-xs wrap-anywhere">
            <UntrustedText text={name} />
            <FindingState {...place} entry={entry} finding={getFinding(entry, 'lookAlikes', name)} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function ForeignNames({ entry, ...place }: FindingPlace & Pick<EntryFindingsProps, 'entry'>) {
  const { foreignNames } = entry;
  if (foreignNames.length === 0) return null;
  return (
    <div>
      <h4 className="font-medium">Names a tool of another server</h4>
      <ul className="mt-2 flex flex-col gap-1">
        {foreignNames.map(({ name, pointer }) => (
          <li key={name} className="text-xs wrap-anywhere">
            <code>
              <UntrustedText text={name} />
            </code>
            , <Place pointer={pointer} />
            <FindingState {...place} entry={entry} finding={getFinding(entry, 'foreignNames', name, pointer)} />
          </li>
        ))}
      </ul>
    </div>
  );
}
