'use client';

import { LabelledChoice } from '../../../ui/form/choice.tsx';
import { Card } from '../../../ui/layout/card.tsx';
import { ArgumentSettings, type ProfileSettingsProps } from './argument-settings.tsx';

const AUDIT = {
  durable: 'Every call is on the agent’s disk before it goes upstream. When that cannot be written, the call is refused.',
  best_effort:
    'Calls of read tools do not wait for the disk. If a receipt is lost in a crash, the loss is counted and shown in the audit.',
} as const;

const HIDDEN_TEXT = {
  mark: 'Messages in characters and terminal commands that a person would not see are taken out of answers. A mark says how many characters they were.',
  strip:
    'Messages in characters and terminal commands that a person would not see are taken out of answers, without a trace in them.',
  pass: 'Answers reach the client as the server wrote them: the model may read what nobody sees.',
} as const;

/** What holds for the whole profile; shown while no tool is looked at. */
export function ProfileSettings({ draft, editable, onChange }: ProfileSettingsProps) {
  return (
    <Card title="Profile">
      <div className="flex flex-col gap-2">
        <LabelledChoice
          label="Receipts of read calls"
          value={draft.audit}
          disabled={!editable}
          onValueChange={(audit) => onChange({ audit })}
          options={[
            { value: 'durable', label: 'Durable' },
            { value: 'best_effort', label: 'Best effort' },
          ]}
        />
        <p className="max-w-[56ch] text-muted">{AUDIT[draft.audit]}</p>
      </div>
      <div className="mt-6 flex flex-col gap-2">
        <LabelledChoice
          label="Hidden text in answers"
          value={draft.hiddenText}
          disabled={!editable}
          onValueChange={(hiddenText) => onChange({ hiddenText })}
          options={[
            { value: 'mark', label: 'Mark' },
            { value: 'strip', label: 'Take out' },
            { value: 'pass', label: 'Let through' },
          ]}
        />
        <p className="max-w-[56ch] text-muted">{HIDDEN_TEXT[draft.hiddenText]} Receipts say what was found.</p>
      </div>
      <ArgumentSettings draft={draft} editable={editable} onChange={onChange} />
      <p className="mt-6 border-t border-line pt-4 text-subtle">
        Choose a tool to rename it, describe it, hide or pin its arguments, or deny it with a reason.
      </p>
    </Card>
  );
}
