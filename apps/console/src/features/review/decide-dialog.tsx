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
  describeLogged,
  describeTally,
  listShapesOnly,
  takesReason,
  toDecisions,
  type EntryDraft,
  hasOnlyTools,
  type ReviewDraft,
  countVerdicts,
  lowersRisk,
  takesTwo,
} from './decision-draft.ts';
import { useTakeBack } from './discussion/take-back.tsx';
import { formatList, isGlassOver, type ReviewDetail } from './summary.ts';

const DAYS = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '180', label: '180 days' },
  { value: '365', label: '1 year' },
] as const;

/** How long what an owner approves alone may be used. */
const HOURS = [
  { value: '4', label: '4 hours' },
  { value: '24', label: '1 day' },
  { value: '72', label: '3 days' },
  { value: '168', label: '7 days' },
] as const;

/** `isReasonDue`: also without break-glass. */
const buildSchema = (isReasonDue: boolean) =>
  z
    .object({
      days: z.string().transform(Number),
      hours: z.string().transform(Number),
      reason: z.string().trim(),
      breakGlass: z.boolean(),
    })
    .refine(({ reason, breakGlass }) => reason !== '' || !(isReasonDue || breakGlass), { path: ['reason'], error: 'Say why.' });

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
  const { approved, forTwo, ...reasons } = sortChoices(detail, draft);
  const mustBreakGlass = !detail.canApprove.ok && approved.length > 0;
  const form = useSchemaForm(buildSchema(reasons.unreasoned.length + reasons.silent.length > 0), {
    days: '90',
    hours: '168',
    reason: '',
    breakGlass: mustBreakGlass,
  });
  const breakGlass = useWatch({ control: form.control, name: 'breakGlass' });
  const decide = useDecide(detail, () => {
    onDecided();
    onOpenChange(false);
  });
  return (
    <FormDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Decide ${detail.server.name}, revision ${detail.review.revision.number}`}
      description={describeEffect(approved.length, {
        secondPerson: forTwo.length > 0 && !breakGlass ? detail.secondPerson : null,
        owner: breakGlass ? null : findAsked(detail),
      })}
      form={form}
      onSubmit={({ days, hours, reason, breakGlass: alone }) =>
        decide.mutate({
          reviewId: detail.review.id,
          validDays: days,
          decisions: toDecisions(draft),
          again,
          breakGlass: alone,
          breakGlassHours: hours,
          ...(reason !== '' && { reason }),
        })
      }
      submitLabel={describeTally(countVerdicts(draft), hasOnlyTools(draft))}
      cancelLabel="Cancel"
      pending={decide.isPending}
    >
      <Decisions draft={draft} />
      <ShapesOnly draft={draft} />
      <Reasons control={form.control} {...reasons} glass={weighGlass(detail, forTwo)} />
      {approved.length > 0 && !breakGlass && (
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

function useDecide({ review, server }: ReviewDetail, onDecided: () => void) {
  const trpc = useTRPC();
  const undo = useTakeBack(server.name);
  const toast = useToast();
  return useMutation(
    trpc.review.decide.mutationOptions({
      onSuccess: ({ decisionId, approved, rejected, waits, waiting, asks }) => {
        onDecided();
        const done =
          waits > 0
            ? `${describeCount(waits, 'decision waits', 'decisions wait')} for ${waiting.length === 0 && asks !== null ? asks : 'a second person'}`
            : `${approved} approved, ${rejected} rejected`;
        toast({ title: `${server.name}: ${done}`, undo: () => undo.mutate({ reviewId: review.id, decisionId }) });
      },
    }),
  );
}

interface Fields {
  days: string;
  hours: string;
  reason: string;
  breakGlass: boolean;
}

interface ReasonsProps {
  control: Control<Fields, unknown, z.output<ReturnType<typeof buildSchema>>>;
  /** tools that would count as less than they seem, without a note that says why */
  unreasoned: readonly string[];
  /** what would be rejected without one */
  silent: readonly string[];
  glass: GlassOffer;
}

/** Whether to offer that it is approved alone; `refusal` is told in the place of an offer that would be refused. */
interface GlassOffer {
  isOffered: boolean;
  refusal: string | null;
}

function weighGlass(
  { canApprove, canBreakGlass, glassOver }: ReviewDetail,
  forTwo: readonly { entry: ReviewDetail['entries'][number] }[],
): GlassOffer {
  const isOver = forTwo.some(({ entry }) => isGlassOver(glassOver, entry));
  return {
    isOffered: forTwo.length > 0 && canApprove.ok && canBreakGlass.ok && !isOver,
    refusal: isOver && glassOver !== null ? glassOver.reason : null,
  };
}

/** The offer to do without a second person and until when, and the reason that some decisions need. */
function Reasons({ control, unreasoned, silent, glass }: ReasonsProps) {
  const breakGlass = useWatch({ control, name: 'breakGlass' });
  const hints = [
    unreasoned.length > 0 ? `Of ${formatList(unreasoned)} the risk is lower than it seems. The second person reads why.` : '',
    silent.length > 0 ? `It becomes the note of ${formatList(silent)}.` : '',
  ];
  return (
    <>
      {glass.refusal !== null && <p className="text-muted">{glass.refusal}</p>}
      {glass.isOffered && (
        <CheckboxField
          control={control}
          name="breakGlass"
          label="Break the glass: I approve it alone"
          hint="For a short time, unless a second person confirms it. Everybody sees that and why."
        />
      )}
      {breakGlass && (
        <SelectField
          control={control}
          name="hours"
          label="Ends after"
          hint="Then all of it is off by itself, and it cannot be prolonged."
          options={HOURS}
        />
      )}
      {(unreasoned.length + silent.length > 0 || breakGlass) && (
        <TextareaField
          control={control}
          name="reason"
          label={describeReason(breakGlass, unreasoned.length > 0, silent.length > 0)}
          hint={hints.join(' ').trim() || undefined}
          maxLength={1_000}
        />
      )}
    </>
  );
}

function describeReason(breakGlass: boolean, isLower: boolean, isRejected: boolean): string {
  if (breakGlass) return 'Why can it not wait?';
  if (isLower && isRejected) return 'Why?';
  return isLower ? 'Why is the risk lower than it seems?' : 'Why is it rejected?';
}

/** What would be approved, and of that what takes two people; what takes a reason that no note gives, for a lower risk and for a rejection. */
function sortChoices(detail: ReviewDetail, draft: ReviewDraft) {
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
    silent: detail.entries.flatMap((entry) => {
      const choice = draft[toEntryKey(entry)];
      return choice && takesReason(entry, choice, stands) ? [entry.name] : [];
    }),
  };
}

/** The sentence that says whose consent is missing; null when nobody's is, or the one who asks gives it by approving. */
function findAsked({ consent }: ReviewDetail): string | null {
  return consent?.missing && !(consent.canConsent.ok && !consent.takesReason) ? consent.missing : null;
}

/** `secondPerson`: who can be the one that it takes; `owner`: whose consent it takes. Null when it takes none. */
function describeEffect(
  approved: number,
  { secondPerson, owner }: { secondPerson: string | null; owner: string | null },
): string {
  const asked = approved > 0 && owner !== null ? owner : '';
  if (secondPerson !== null)
    return `This takes two people. It waits, and what stands now stays as it is, until a second person confirms it. ${secondPerson} ${asked}`.trim();
  if (asked !== '') return `It waits for the owner of the server, and what stands now stays as it is until then. ${asked}`;
  return approved > 0
    ? 'What is approved may be put into profiles at once. Profiles that hold it already get it with the next configuration.'
    : 'Nothing of this revision may be used.';
}

/** Of which tools nobody will see what was asked and answered. */
function ShapesOnly({ draft }: { draft: ReviewDraft }) {
  const names = listShapesOnly(draft);
  if (names.length === 0) return null;
  return (
    <p className="text-muted">
      Audit will show shapes only for <UntrustedText text={formatList(names)} />: types and sizes, and no value of any call.
    </p>
  );
}

/** Every decision in one line each. */
function Decisions({ draft }: { draft: ReviewDraft }) {
  return (
    <ScrollRegion label="Decisions" className="max-h-70 rounded-card border border-line">
      <ul className="divide-y divide-line">
        {Object.entries(draft).map(([key, chosen]) => (
          <Decision key={key} name={chosen.name} verdict={chosen.verdict}>
            {chosen.kind === 'tool' ? describeRisk(chosen.risk) : KIND_WORD[chosen.kind]}
            {chosen.kind === 'tool' && chosen.verdict === 'approved' && ` · ${describeLogged(chosen)}`}
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
