'use client';

import { useState } from 'react';
import { z } from 'zod';

import { toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';

import { Button, type ButtonProps } from '../../../ui/button.tsx';
import { TextareaField, useSchemaForm } from '../../../ui/form/form.tsx';
import { ScrollRegion } from '../../../ui/layout/scroll-region.tsx';
import { FormDialog } from '../../../ui/overlay/form-dialog.tsx';
import { describeCount } from '../../../ui/text/count.ts';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import { listUndecided } from '../decision-draft.ts';
import type { ReviewEntry } from '../summary.ts';
import { type TogetherProps, useDecideTogether } from './use-decide-together.ts';

const Reason = z.object({ reason: z.string().trim().min(1, 'Say why: whoever added it reads this.') });

const MANY = { tool: 'tools', entry: 'entries' } as const;

export interface RejectTogetherProps extends TogetherProps {
  /** of which everything that is still open would be rejected */
  entries: readonly ReviewEntry[];
  noun: keyof typeof MANY;
  size?: ButtonProps['size'];
  className?: string;
}

/** Rejects everything of a group that is still open, with one reason for all of it. What was decided one by one stays. */
export function RejectTogether({ entries, noun, draft, onChange, size, className }: RejectTogetherProps) {
  const [open, setOpen] = useState(false);
  const decideTogether = useDecideTogether({ draft, onChange });
  const undecided = listUndecided(draft, entries);
  if (undecided.length < 2) return null;
  const all = undecided.length === entries.length;
  return (
    <>
      <Button size={size} className={className} onClick={() => setOpen(true)}>
        {all ? `Reject all ${undecided.length}…` : `Reject the other ${undecided.length}…`}
      </Button>
      {open && (
        <RejectDialog
          entries={undecided}
          noun={noun}
          onOpenChange={setOpen}
          onReject={(reason) => decideTogether(undecided, 'rejected', reason)}
        />
      )}
    </>
  );
}

interface RejectDialogProps {
  entries: readonly ReviewEntry[];
  noun: keyof typeof MANY;
  onOpenChange: (open: boolean) => void;
  onReject: (reason: string) => void;
}

function RejectDialog({ entries, noun, onOpenChange, onReject }: RejectDialogProps) {
  const form = useSchemaForm(Reason, { reason: '' });
  const what = describeCount(entries.length, noun, MANY[noun]);
  return (
    <FormDialog
      open
      onOpenChange={onOpenChange}
      title={`Reject ${what}`}
      description="Nothing is sent before you decide the whole review. Until then each of them can be changed."
      form={form}
      onSubmit={({ reason }) => {
        onReject(reason);
        onOpenChange(false);
      }}
      submitLabel={`Reject ${what}`}
      pending={false}
    >
      <ScrollRegion label="What is rejected" className="max-h-48 rounded-card border border-line">
        <ul className="divide-y divide-line">
          {entries.map((entry) => (
            <li key={toEntryKey(entry)} className="px-3 py-1.5 font-mono text-xs">
              <UntrustedText text={entry.name} isName />
            </li>
          ))}
        </ul>
      </ScrollRegion>
      <TextareaField
        control={form.control}
        name="reason"
        label="Reason"
        hint="It becomes the note of each that has none."
        placeholder="Why, and what would change it"
        maxLength={1_000}
      />
    </FormDialog>
  );
}
