'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { WhatStops } from '../../ui/entity/what-stops.tsx';
import { FormError, TextField, useSchemaForm } from '../../ui/form/form.tsx';
import { type BulkActProps, BulkDialog, useBulkAct } from '../../ui/list/bulk-dialog.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { parseLabels } from './labels.tsx';

type PartProps = Pick<BulkActProps, 'rows' | 'onClose'>;

const NOUN = ['agent', 'agents'] as const;

/** Gives several agents a label, or ends them. */
export function BulkAgents({ act, ...props }: PartProps & { act: 'label' | 'revoke' }) {
  return act === 'label' ? <LabelSeveral {...props} /> : <RevokeSeveral {...props} />;
}

function RevokeSeveral(props: PartProps) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const ids = props.rows.map(({ id }) => id);
  const revoke = useMutation(
    trpc.agent.revokeMany.mutationOptions({ onSuccess: () => queries.invalidateQueries(trpc.agent.list.pathFilter()) }),
  );
  return (
    <BulkDialog {...props} noun={NOUN} verb={['Revoke', 'revoked']} apply={(chosen) => revoke.mutateAsync({ ids: chosen })}>
      <p>
        Their connections close at once. An identity that was revoked never works again; a new one needs a new enrolment. This
        cannot be undone.
      </p>
      <WhatStops asked={trpc.agent.whatStops.queryOptions({ ids })} none="No profile is served at their sites." />
    </BulkDialog>
  );
}

const LabelForm = z.object({
  labels: z
    .string()
    .trim()
    .min(1, 'Write a label, as region=eu.')
    .superRefine((text, issues) => {
      const read = parseLabels(text);
      if ('problem' in read) issues.addIssue({ code: 'custom', message: read.problem });
    }),
});
type LabelForm = z.infer<typeof LabelForm>;

function LabelSeveral(props: PartProps) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { ids, words, settle, refusals } = useBulkAct({ ...props, noun: NOUN, verb: ['Label', 'labelled'] });
  const form = useSchemaForm(LabelForm, { labels: '' });
  const label = useMutation(
    trpc.agent.labelMany.mutationOptions({
      onSuccess: async (outcome) => {
        await queries.invalidateQueries(trpc.agent.list.pathFilter());
        settle(outcome);
      },
    }),
  );
  if (refusals) return refusals;
  return (
    <FormDialog
      open
      onOpenChange={() => props.onClose(null)}
      title={words}
      description="The other labels of each stay."
      form={form}
      onSubmit={({ labels }) => {
        const read = parseLabels(labels);
        if ('labels' in read) label.mutate({ ids, labels: read.labels });
      }}
      submitLabel={words}
      pending={label.isPending}
    >
      <TextField
        control={form.control}
        name="labels"
        label="Label"
        hint="As region=eu."
        mono
        autoComplete="off"
        spellCheck={false}
      />
      <FormError<LabelForm> error={label.error} fields={{ labels: 'labels' }} />
    </FormDialog>
  );
}
