import type { ProfileDraft, ProfileSettings as Settings } from '@gatehouse/policy/documents/profile';

import { LabelledChoice } from '../../../ui/form/choice.tsx';

export interface ProfileSettingsProps {
  draft: ProfileDraft;
  editable: boolean;
  onChange: (settings: Partial<Settings>) => void;
}

const ARGUMENT_FORMS = {
  lenient:
    'An argument that is empty (null) is left out where it may be missing. A number, or true or false, that is written as text is read as what it says.',
  complete:
    'Besides leaving out empty arguments and reading numbers that are written as text, a list or object that is written as text is read, and a required argument that is missing gets the value that the tool itself names for that case.',
  strict: 'A call is denied unless every argument has the form that its tool takes. The AI client is told which one has not.',
} as const;

const UNDECLARED = {
  refuse: 'A call with an argument that its tool does not name is denied, and the AI client is told which one it is.',
  pass: 'An argument that its tool does not name is sent on, unless the server says that it takes no others. What you hide or pin stays as you set it.',
} as const;

/** How the profile takes arguments of calls that are not as their tool describes them. */
export function ArgumentSettings({ draft, editable, onChange }: ProfileSettingsProps) {
  return (
    <>
      <div className="mt-6 flex flex-col gap-2">
        <LabelledChoice
          label="Arguments in another form"
          value={draft.argumentForms}
          disabled={!editable}
          onValueChange={(argumentForms) => onChange({ argumentForms })}
          options={[
            { value: 'lenient', label: 'Correct' },
            { value: 'complete', label: 'Correct and fill in' },
            { value: 'strict', label: 'Deny' },
          ]}
        />
        <p className="max-w-[56ch] text-muted">
          {ARGUMENT_FORMS[draft.argumentForms]}
          {draft.argumentForms === 'strict' ? '' : ' Receipts say which arguments were changed, never what they hold.'}
        </p>
      </div>
      <div className="mt-6 flex flex-col gap-2">
        <LabelledChoice
          label="Arguments that a tool does not name"
          value={draft.undeclaredArguments}
          disabled={!editable}
          onValueChange={(undeclaredArguments) => onChange({ undeclaredArguments })}
          options={[
            { value: 'refuse', label: 'Deny' },
            { value: 'pass', label: 'Pass on' },
          ]}
        />
        <p className="max-w-[56ch] text-muted">{UNDECLARED[draft.undeclaredArguments]}</p>
      </div>
    </>
  );
}
