'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { FormError, TextareaField, useSchemaForm } from '../../ui/form/form.tsx';
import { type BulkActProps, BulkDialog, useBulkAct } from '../../ui/list/bulk-dialog.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { Refuse } from './refuse-dialog.tsx';

type PartProps = Pick<BulkActProps, 'rows' | 'onClose'>;

const NOUN = ['request', 'requests'] as const;

/** Gives what several people asked for, until the end that each asked for, or refuses all with one reason. */
export function DecideSeveral({ act, ...props }: PartProps & { act: 'grant' | 'refuse' }) {
  return act === 'grant' ? <GrantSeveral {...props} /> : <RefuseSeveral {...props} />;
}

function GrantSeveral(props: PartProps) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const grant = useMutation(
    trpc.accessRequest.grantMany.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.accessRequest.list.pathFilter()),
    }),
  );
  return (
    <BulkDialog {...props} noun={NOUN} verb={['Grant', 'granted']} tone="primary" apply={(ids) => grant.mutateAsync({ ids })}>
      Each gets the profile at once, until the end that was asked for; without one, until somebody takes it away.
    </BulkDialog>
  );
}

function RefuseSeveral(props: PartProps) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { ids, words, settle, refusals } = useBulkAct({ ...props, noun: NOUN, verb: ['Refuse', 'refused'] });
  const form = useSchemaForm(Refuse, { reason: '' });
  const refuse = useMutation(
    trpc.accessRequest.refuseMany.mutationOptions({
      onSuccess: async (outcome) => {
        await queries.invalidateQueries(trpc.accessRequest.list.pathFilter());
        settle(outcome);
      },
    }),
  );
  if (refusals) return refusals;
  return (
    <FormDialog
      open
      onOpenChange={() => props.onClose(null)}
      title={`${words}?`}
      form={form}
      onSubmit={({ reason }) => refuse.mutate({ ids, reason })}
      submitLabel={words}
      pending={refuse.isPending}
    >
      <TextareaField control={form.control} name="reason" label="Why?" hint="Each of them sees it." maxLength={1_000} />
      <FormError<Refuse> error={refuse.error} fields={{ reason: 'reason' }} />
    </FormDialog>
  );
}
