'use client';

import { entryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { riskWord } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Select } from '../../ui/select.tsx';
import { ErrorLine } from '../../ui/states.tsx';
import { useToast } from '../../ui/toast.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import { actionWords, addTallies, decisionsOf, type ReviewDraft, tallyOf } from './decision-draft.ts';
import { ITEM_WORD, itemDecisionsOf, type ItemDraft, type ItemsDraft, itemTally } from './item-draft.ts';
import type { ReviewDetail } from './summary.ts';

const DAYS = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '180', label: '180 days' },
  { value: '365', label: '1 year' },
] as const;

const loggedWords = (count: number): string =>
  count === 0 ? 'no values logged' : count === 1 ? '1 value logged' : `${count} values logged`;

export interface DecideDialogProps {
  detail: ReviewDetail;
  draft: ReviewDraft;
  itemDraft: ItemsDraft;
  /** takes the place of a decision that was made before */
  again: boolean;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** The last look before a decision takes effect: what, for how long, and what happens then. */
export function DecideDialog({ detail, draft, itemDraft, again, open, onOpenChange }: DecideDialogProps) {
  const trpc = useTRPC();
  const toast = useToast();
  const [days, setDays] = useState<(typeof DAYS)[number]['value']>('90');
  const decide = useMutation(
    trpc.review.decide.mutationOptions({
      onSuccess: ({ approved, rejected }) => {
        onOpenChange(false);
        toast({ title: `${detail.server.name}: ${approved} approved, ${rejected} rejected` });
      },
    }),
  );
  const tally = addTallies(tallyOf(draft), itemTally(itemDraft));
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Decide ${detail.server.name}, revision ${detail.review.revision.number}`}
      description={
        tally.approved > 0
          ? 'What is approved may be put into profiles at once. Profiles that hold it already get it with the next configuration.'
          : 'Nothing of this revision may be used.'
      }
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Go back</Button>
          <Button
            variant="primary"
            loading={decide.isPending}
            onClick={() =>
              decide.mutate({
                reviewId: detail.review.id,
                validDays: Number(days),
                decisions: [...decisionsOf(draft), ...itemDecisionsOf(detail.items, itemDraft)],
                again,
              })
            }
          >
            {actionWords(tally, detail.items.length === 0)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Decisions detail={detail} draft={draft} itemDraft={itemDraft} />
        {tally.approved > 0 && (
          <Select
            label="Valid for"
            hint="When this runs out, all of it is off until it is reviewed again. What changes is off at once."
            value={days}
            onValueChange={setDays}
            options={DAYS}
          />
        )}
        {decide.error && <ErrorLine error={decide.error} />}
      </div>
    </Dialog>
  );
}

/** Every decision in one line each. */
function Decisions({ detail, draft, itemDraft }: Pick<DecideDialogProps, 'detail' | 'draft' | 'itemDraft'>) {
  return (
    <ul className="max-h-60 divide-y divide-line overflow-y-auto rounded-card border border-line">
      {Object.entries(draft).map(([name, { verdict, risk, logArguments, logResults }]) => (
        <Decision key={name} name={name} verdict={verdict}>
          {riskWord(risk)}
          {verdict === 'approved' && ` · ${loggedWords(logArguments.length + logResults.length)}`}
        </Decision>
      ))}
      {detail.items.map((item) => (
        <Decision key={entryKey(item)} name={item.name} verdict={itemDraft[entryKey(item)]?.verdict ?? null}>
          {ITEM_WORD[item.kind]}
        </Decision>
      ))}
    </ul>
  );
}

function Decision({ name, verdict, children }: Pick<ItemDraft, 'verdict'> & { name: string; children: ReactNode }) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 px-3 py-1.5">
      <span className="min-w-0 flex-1 truncate font-mono text-xs">
        <UntrustedText text={name} oneLine />
      </span>
      <span className="text-xs text-subtle">{children}</span>
      <span className={verdict === 'approved' ? 'font-medium' : 'font-medium text-danger-fg'}>
        {verdict === 'approved' ? 'Approve' : 'Reject'}
      </span>
    </li>
  );
}
