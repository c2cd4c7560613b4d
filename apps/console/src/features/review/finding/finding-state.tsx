'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { z } from 'zod';

import { useTRPC } from '../../../trpc/client.tsx';
import { Button } from '../../../ui/button.tsx';
import { TextareaField, useSchemaForm } from '../../../ui/form/form.tsx';
import { FormDialog } from '../../../ui/overlay/form-dialog.tsx';
import { ErrorLine } from '../../../ui/status/states.tsx';
import { RelativeTime } from '../../../ui/text/relative-time.tsx';
import type { ReviewEntry } from '../summary.ts';

export type Finding = ReviewEntry['findings'][number];

export interface FindingPlace {
  reviewId: string;
  entry: Pick<ReviewEntry, 'kind' | 'name' | 'findings'>;
  /** whoever looks may say what it is */
  editable: boolean;
}

/** The finding that is listed here; undefined where the page is older than it. */
export function getFinding({ findings }: Pick<ReviewEntry, 'findings'>, what: Finding['what'], rule: string, pointer = '') {
  return findings.find((each) => each.what === what && each.rule === rule && each.pointer === pointer);
}

function useSettle() {
  const trpc = useTRPC();
  return useMutation(trpc.review.settleFinding.mutationOptions());
}

/** What was said of a finding in this very text, and the ways to say it. */
export function FindingState({ reviewId, entry, editable, finding }: FindingPlace & { finding: Finding | undefined }) {
  const settle = useSettle();
  const [excusing, setExcusing] = useState(false);
  if (!finding) return null;
  const place = { reviewId, kind: entry.kind, name: entry.name, findingId: finding.id };
  return (
    <span className="mt-1 flex flex-wrap items-center gap-2 font-sans text-xs text-muted">
      <Said finding={finding} />
      {editable && finding.state === 'open' && (
        <>
          <Button size="small" loading={settle.isPending} onClick={() => settle.mutate({ ...place, state: 'acknowledged' })}>
            Acknowledge
          </Button>
          <Button size="small" onClick={() => setExcusing(true)}>
            Not a problem…
          </Button>
        </>
      )}
      {editable && finding.state !== 'open' && (
        <Button
          size="small"
          variant="ghost"
          loading={settle.isPending}
          onClick={() => settle.mutate({ ...place, state: 'open' })}
        >
          Reopen
        </Button>
      )}
      {settle.error && <ErrorLine error={settle.error} />}
      {excusing && <ExcuseDialog place={place} onOpenChange={setExcusing} />}
    </span>
  );
}

function Said({ finding: { state, reason, by, at } }: { finding: Finding }) {
  if (state === 'open') return null;
  return (
    <span className="wrap-anywhere">
      {state === 'acknowledged' ? 'Acknowledged' : 'Not a problem'}
      {by && `, says ${by.name}`}
      {at && (
        <>
          {' '}
          <RelativeTime at={at} />
        </>
      )}
      {reason !== null && `: ${reason}`}
    </span>
  );
}

const Reason = z.object({ reason: z.string().trim().min(1, 'Say why: whoever reviews this text next reads it.') });

interface ExcuseDialogProps {
  place: { reviewId: string; kind: ReviewEntry['kind']; name: string; findingId: string };
  onOpenChange: (open: boolean) => void;
}

function ExcuseDialog({ place, onOpenChange }: ExcuseDialogProps) {
  const form = useSchemaForm(Reason, { reason: '' });
  const settle = useSettle();
  return (
    <FormDialog
      open
      onOpenChange={onOpenChange}
      title={`Not a problem in ${place.name}`}
      description="It holds for this very text, in every review of this server. When the text changes, it is asked again."
      form={form}
      onSubmit={({ reason }) =>
        settle.mutate({ ...place, state: 'not_a_problem', reason }, { onSuccess: () => onOpenChange(false) })
      }
      submitLabel="Not a problem"
      pending={settle.isPending}
    >
      <TextareaField control={form.control} name="reason" label="Reason" placeholder="Why it is fine here" maxLength={1_000} />
      {settle.error && <ErrorLine error={settle.error} />}
    </FormDialog>
  );
}
