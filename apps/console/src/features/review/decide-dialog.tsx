'use client';

import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { z } from 'zod';

import { KIND_WORD } from '@gatehouse/policy/documents/entry-counts';

import { useTRPC } from '../../trpc/client.tsx';
import { SelectField, useSchemaForm } from '../../ui/form/form.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { describeRisk } from '../../ui/status/badge.tsx';
import { ErrorLine } from '../../ui/status/states.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import { describeTally, toDecisions, type EntryDraft, hasOnlyTools, type ReviewDraft, countVerdicts } from './decision-draft.ts';
import type { ReviewDetail } from './summary.ts';

const DAYS = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '180', label: '180 days' },
  { value: '365', label: '1 year' },
] as const;

const Validity = z.object({ days: z.string().transform(Number) });

const describeLoggedCount = (count: number): string =>
  count === 0 ? 'no values logged' : count === 1 ? '1 value logged' : `${count} values logged`;

export interface DecideDialogProps {
  detail: ReviewDetail;
  draft: ReviewDraft;
  /** takes the place of a decision that was made before */
  again: boolean;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** The last look before a decision takes effect: what, for how long, and what happens then. */
export function DecideDialog({ detail, draft, again, open, onOpenChange }: DecideDialogProps) {
  const trpc = useTRPC();
  const toast = useToast();
  const form = useSchemaForm(Validity, { days: '90' });
  const decide = useMutation(
    trpc.review.decide.mutationOptions({
      onSuccess: ({ approved, rejected }) => {
        onOpenChange(false);
        toast({ title: `${detail.server.name}: ${approved} approved, ${rejected} rejected` });
      },
    }),
  );
  const tally = countVerdicts(draft);
  return (
    <FormDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Decide ${detail.server.name}, revision ${detail.review.revision.number}`}
      description={
        tally.approved > 0
          ? 'What is approved may be put into profiles at once. Profiles that hold it already get it with the next configuration.'
          : 'Nothing of this revision may be used.'
      }
      form={form}
      onSubmit={({ days }) =>
        decide.mutate({ reviewId: detail.review.id, validDays: days, decisions: toDecisions(draft), again })
      }
      submitLabel={describeTally(tally, hasOnlyTools(draft))}
      cancelLabel="Go back"
      pending={decide.isPending}
    >
      <Decisions draft={draft} />
      {tally.approved > 0 && (
        <SelectField
          control={form.control}
          name="days"
          label="Valid for"
          hint="When this runs out, all of it is off until it is reviewed again. What changes is off at once."
          options={DAYS}
        />
      )}
      {decide.error && <ErrorLine error={decide.error} />}
    </FormDialog>
  );
}

/** Every decision in one line each. */
function Decisions({ draft }: { draft: ReviewDraft }) {
  return (
    <ul className="max-h-60 divide-y divide-line overflow-y-auto rounded-card border border-line">
      {Object.entries(draft).map(([key, chosen]) => (
        <Decision key={key} name={chosen.name} verdict={chosen.verdict}>
          {chosen.kind === 'tool' ? describeRisk(chosen.risk) : KIND_WORD[chosen.kind]}
          {chosen.kind === 'tool' &&
            chosen.verdict === 'approved' &&
            ` · ${describeLoggedCount(chosen.logArguments.length + chosen.logResults.length)}`}
        </Decision>
      ))}
    </ul>
  );
}

function Decision({ name, verdict, children }: Pick<EntryDraft, 'name' | 'verdict'> & { children: ReactNode }) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 px-3 py-1.5">
      <span className="min-w-0 flex-1 font-mono text-xs max-sm:basis-full">
        <UntrustedText text={name} />
      </span>
      <span className="text-xs text-subtle">{children}</span>
      <span className={verdict === 'approved' ? 'font-medium' : 'font-medium text-danger-fg'}>
        {verdict === 'approved' ? 'Approve' : 'Reject'}
      </span>
    </li>
  );
}
