import type { HiddenTextRule } from '@gatehouse/policy/findings/hidden-text';

import { Checkbox } from '../../ui/form/checkbox.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import type { EntryDraft } from './decision-draft.ts';
import type { ReviewEntry } from './summary.ts';

type PrivateRule = ReviewEntry['privatePassages'][number]['rule'];

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

const PRIVATE_WORDS: Record<PrivateRule, string> = {
  'private-key': 'A private key',
  'url-credentials': 'A password in an address',
  token: 'A token',
  'key-name': 'The value of a secret field',
  email: 'An e-mail address',
  phone: 'A telephone number',
  card: 'A card number',
  iban: 'A bank account',
  'national-id': 'An identity number',
};

export interface EntryFindingsProps {
  entry: ReviewEntry;
  draft: EntryDraft;
  editable: boolean;
  onChange: (next: EntryDraft) => void;
}

/** What was found in a definition, and the tick without which it is not approved. */
export function EntryFindings({ entry, draft, editable, onChange }: EntryFindingsProps) {
  const { hiddenText, privatePassages } = entry;
  return (
    <section className="rounded-control border border-danger p-3" aria-label={`What was found in ${entry.name}`}>
      {hiddenText.length > 0 && <h4 className="font-medium">Hidden text</h4>}
      <ul className="mt-2 flex flex-col gap-2 empty:hidden">
        {hiddenText.map(({ pointer, rule, shown, count }) => (
          <li key={`${pointer} ${rule}`}>
            {HIDDEN_WORDS[rule]}
            {count > 1 && ` (${count} times)`}, at <code className="wrap-anywhere">{pointer}</code>:{' '}
            <code className="wrap-anywhere text-danger-fg">{shown}</code>
          </li>
        ))}
      </ul>
      {privatePassages.length > 0 && <h4 className="mt-3 font-medium first:mt-0">Seems to be secret or personal</h4>}
      <ul className="mt-2 flex flex-col gap-2 empty:hidden">
        {privatePassages.map(({ pointer, rule }) => (
          <li key={`${pointer} ${rule}`}>
            {PRIVATE_WORDS[rule]}, at{' '}
            <code className="wrap-anywhere">
              <UntrustedText text={pointer} />
            </code>
          </li>
        ))}
      </ul>
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
