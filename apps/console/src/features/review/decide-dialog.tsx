'use client';

import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type Control, useWatch } from 'react-hook-form';
import { z } from 'zod';

import { toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { KIND_WORD } from '@gatehouse/policy/documents/entry-counts';

import { useTRPC } from '../../trpc/client.tsx';
import { CheckboxField, SelectField, TextareaField, useSchemaForm } from '../../ui/form/form.tsx';
import { ScrollRegion } from '../../ui/layout/scroll-region.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { describeRisk } from '../../ui/status/badge.tsx';
import { ErrorLine } from '../../ui/status/states.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import {
  describeTally,
  toDecisions,
  type EntryDraft,
  hasOnlyTools,
  type ReviewDraft,
  countVerdicts,
  lowersRisk,
  takesTwo,
} from './decision-draft.ts';
import { formatList, type ReviewDetail } from './summary.ts';

const DAYS = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '180', label: '180 days' },
  { value: '365', label: '1 year' },
] as const;

/** `needsReason`: also without break-glass. */
const buildSchema = (needsReason: boolean) =>
  z
    .object({ days: z.string().transform(Number), reason: z.string().trim(), breakGlass: z.boolean() })
    .refine(({ reason, breakGlass }) => reason !== '' || !(needsReason || breakGlass), { path: ['reason'], error: 'Say why.' });

const describeLoggedCount = (count: number): string =>
  count === 0 ? 'no values logged' : describeCount(count, 'value logged', 'values logged');

export interface DecideDialogProps {
  detail: ReviewDetail;
  draft: ReviewDraft;
  /** takes the place of a decision that was made before */
  again: boolean;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** it was sent and has been taken */
  onDecided: () => void;
}

/** The last look before a decision takes effect: what, for how long, and what happens then. */
export function DecideDialog({ detail, draft, again, open, onOpenChange, onDecided }: DecideDialogProps) {
  const trpc = useTRPC();
  const toast = useToast();
  const { approved, forTwo, unreasoned } = sortApprovals(detail, draft);
  const mustBreakGlass = !detail.canApprove.ok && approved.length > 0;
  const form = useSchemaForm(buildSchema(unreasoned.length > 0), { days: '90', reason: '', breakGlass: mustBreakGlass });
  const breakGlass = useWatch({ control: form.control, name: 'breakGlass' });
  const decide = useMutation(
    trpc.review.decide.mutationOptions({
      onSuccess: ({ approved: count, rejected, waits }) => {
        onDecided();
        onOpenChange(false);
        const done =
          waits > 0
            ? `${waits} ${waits === 1 ? 'waits' : 'wait'} for a second person`
            : `${count} approved, ${rejected} rejected`;
        toast({ title: `${detail.server.name}: ${done}` });
      },
    }),
  );
  return (
    <FormDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Decide ${detail.server.name}, revision ${detail.review.revision.number}`}
      description={describeEffect(approved.length, forTwo.length > 0 && !breakGlass ? detail.secondPerson : null)}
      form={form}
      onSubmit={({ days, reason, breakGlass: alone }) =>
        decide.mutate({
          reviewId: detail.review.id,
          validDays: days,
          decisions: toDecisions(draft),
          again,
          breakGlass: alone,
          ...(reason !== '' && { reason }),
        })
      }
      submitLabel={describeTally(countVerdicts(draft), hasOnlyTools(draft))}
      cancelLabel="Go back"
      pending={decide.isPending}
    >
      <Decisions draft={draft} />
      <Reasons
        control={form.control}
        unreasoned={unreasoned}
        canChooseGlass={forTwo.length > 0 && detail.canApprove.ok && detail.canBreakGlass.ok}
      />
      {approved.length > 0 && (
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

interface Fields {
  days: string;
  reason: string;
  breakGlass: boolean;
}

interface ReasonsProps {
  control: Control<Fields, unknown, z.output<ReturnType<typeof buildSchema>>>;
  /** tools that would count as less than they seem, without a note that says why */
  unreasoned: readonly string[];
  canChooseGlass: boolean;
}

/** The offer to do without a second person, and the reason that some decisions need. */
function Reasons({ control, unreasoned, canChooseGlass }: ReasonsProps) {
  const breakGlass = useWatch({ control, name: 'breakGlass' });
  return (
    <>
      {canChooseGlass && (
        <CheckboxField
          control={control}
          name="breakGlass"
          label="Break the glass: I approve it alone"
          hint="For seven days, unless a second person confirms it. Everybody sees that and why."
        />
      )}
      {(unreasoned.length > 0 || breakGlass) && (
        <TextareaField
          control={control}
          name="reason"
          label={breakGlass ? 'Why can it not wait?' : 'Why is the risk lower than it seems?'}
          hint={breakGlass ? undefined : `Of ${formatList(unreasoned)}. The second person reads it, and it stays in the log.`}
          maxLength={1_000}
        />
      )}
    </>
  );
}

/** What would be approved, and of that what takes two people, and what takes a reason that no note gives. */
function sortApprovals(detail: ReviewDetail, draft: ReviewDraft) {
  const stands = detail.review.state === 'decided' && !detail.waiting?.isInEffect;
  const chosen = detail.entries.flatMap((entry) => {
    const choice = draft[toEntryKey(entry)];
    return choice?.verdict === 'approved' ? [{ entry, choice }] : [];
  });
  return {
    approved: chosen,
    forTwo: chosen.filter(({ entry, choice }) => !detail.canApprove.ok || takesTwo(entry, choice, stands)),
    unreasoned: chosen
      .filter(({ entry, choice }) => lowersRisk(entry, choice) && choice.note.trim() === '')
      .map(({ entry }) => entry.name),
  };
}

/** `secondPerson`: who can be the one that it takes; null when it takes none. */
function describeEffect(approved: number, secondPerson: string | null): string {
  if (secondPerson !== null)
    return `This takes two people. It waits, and what stands now stays as it is, until a second person confirms it. ${secondPerson}`;
  return approved > 0
    ? 'What is approved may be put into profiles at once. Profiles that hold it already get it with the next configuration.'
    : 'Nothing of this revision may be used.';
}

/** Every decision in one line each. */
function Decisions({ draft }: { draft: ReviewDraft }) {
  return (
    <ScrollRegion label="Decisions" className="max-h-60 rounded-card border border-line">
      <ul className="divide-y divide-line">
        {Object.entries(draft).map(([key, chosen]) => (
          <Decision key={key} name={chosen.name} verdict={chosen.verdict}>
            {chosen.kind === 'tool' ? describeRisk(chosen.risk) : KIND_WORD[chosen.kind]}
            {chosen.kind === 'tool' &&
              chosen.verdict === 'approved' &&
              ` · ${describeLoggedCount(chosen.logArguments.length + chosen.logResults.length)}`}
          </Decision>
        ))}
      </ul>
    </ScrollRegion>
  );
}

function Decision({ name, verdict, children }: Pick<EntryDraft, 'name' | 'verdict'> & { children: ReactNode }) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 px-3 py-1.5">
      <span className="min-w-0 flex-1 font-mono text-xs max-sm:basis-full">
        <UntrustedText text={name} />
      </span>
      <span className="text-xs text-subtle max-sm:flex-1">{children}</span>
      <span className={verdict === 'approved' ? 'font-medium' : 'font-medium text-danger-fg'}>
        {verdict === 'approved' ? 'Approve' : 'Reject'}
      </span>
    </li>
  );
}
