'use client';

import type { ProfileDraft } from '@gatehouse/policy/documents/profile';

import { Choice } from '../../../ui/form/choice.tsx';
import { Card } from '../../../ui/layout/card.tsx';

export interface ProfileSettingsProps {
  draft: ProfileDraft;
  editable: boolean;
  onChange: (audit: ProfileDraft['audit']) => void;
}

const AUDIT = {
  durable: 'Every call is on the agent’s disk before it goes upstream. When that cannot be written, the call is refused.',
  best_effort:
    'Calls of read tools do not wait for the disk. If a receipt is lost in a crash, the loss is counted and shown in the audit.',
} as const;

/** What holds for the whole profile; shown while no tool is looked at. */
export function ProfileSettings({ draft, editable, onChange }: ProfileSettingsProps) {
  return (
    <Card title="Profile">
      <div className="flex flex-col gap-2">
        <p className="text-sm font-medium">Receipts of read calls</p>
        <Choice
          label="Receipts of read calls"
          className="self-start"
          value={draft.audit}
          disabled={!editable}
          onValueChange={onChange}
          options={[
            { value: 'durable', label: 'Durable' },
            { value: 'best_effort', label: 'Best effort' },
          ]}
        />
        <p className="max-w-[56ch] text-muted">{AUDIT[draft.audit]}</p>
      </div>
      <p className="mt-6 border-t border-line pt-4 text-subtle">
        Choose a tool to rename it, describe it, hide or pin its arguments, or deny it with a reason.
      </p>
    </Card>
  );
}
