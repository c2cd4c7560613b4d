'use client';

import { XIcon } from '@phosphor-icons/react/ssr';
import { useMutation } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useController } from 'react-hook-form';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { usePartySearch } from '../../trpc/use-party-search.ts';
import { Button } from '../../ui/button.tsx';
import { type VersionGroup } from '../../ui/form/merge-versions.ts';
import { Party, PartyField } from '../../ui/form/party-field.tsx';
import { useEditForm } from '../../ui/form/use-edit-form.ts';
import { EditDialog } from '../../ui/overlay/edit-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import type { Owned } from './owned.ts';

const ApproversForm = z.object({ approvers: z.array(Party) });
type ApproversForm = z.infer<typeof ApproversForm>;

const VERSIONS: readonly VersionGroup<ApproversForm>[] = [
  {
    label: 'Approvers',
    names: ['approvers'],
    show: ({ approvers }) => (approvers.length === 0 ? 'whoever has the role' : approvers.map(({ name }) => name).join(', ')),
  },
];

const WHAT = {
  profile: 'People and groups who decide on requests for it, beside its owner. Nobody decides on what they asked for themselves.',
  server:
    'People and groups who alone approve what it offers, as far as their role decides reviews. Whoever brought it in approves nothing of it.',
};

/** Who decides: people and groups by name, or whoever has the role. */
export function ChangeApprovers({ of, onClose }: { of: Owned; onClose: () => void }) {
  const trpc = useTRPC();
  const toast = useToast();
  const current = useMemo(() => ({ revision: of.revision, values: ApproversForm.parse(of) }), [of]);
  const edit = useEditForm(ApproversForm, current);
  const { form } = edit;
  const { value: approvers, onChange } = useController({ control: form.control, name: 'approvers' }).field;
  const save = useMutation(
    trpc.owner.setApprovers.mutationOptions({
      onSuccess: () => {
        toast({ title: `Who decides on ${of.name} was changed` });
        onClose();
      },
    }),
  );
  const search = usePartySearch();
  return (
    <EditDialog
      title={`Who decides on ${of.name}?`}
      description={WHAT[of.kind]}
      onClose={onClose}
      saving={save}
      onSave={(values) =>
        save.mutate({
          of: { kind: of.kind, id: of.id },
          approvers: values.approvers.map(({ kind, id }) => ({ kind, id })),
          revision: edit.seen.revision,
        })
      }
      submitLabel="Save approvers"
      fields={{}}
      edit={edit}
      groups={VERSIONS}
      readValues={(present) => ApproversForm.parse(present)}
    >
      <Named approvers={approvers} onChange={onChange} />
      <PartyField
        search={search}
        key={approvers.length}
        label="Add an approver"
        value={null}
        onValueChange={(party) => party && onChange([...approvers, party])}
        placeholder="Search people and groups…"
        without={approvers}
      />
    </EditDialog>
  );
}

function Named({ approvers, onChange }: { approvers: readonly Party[]; onChange: (next: Party[]) => void }) {
  if (approvers.length === 0) return <p className="text-muted">Nobody is named: whoever has the role decides.</p>;
  return (
    <ul aria-label="Approvers" className="divide-y divide-line rounded-card border border-line">
      {approvers.map((party) => (
        <li key={party.id} className="flex min-h-10 items-center justify-between gap-3 py-1 pr-1.5 pl-3">
          <span className="min-w-0">
            <span className="block truncate">{party.name}</span>
          </span>
          <span className="flex shrink-0 items-center gap-2 text-xs text-subtle">
            {party.kind === 'group' ? 'Group' : 'Person'}
            <Button
              variant="ghost"
              size="small"
              icon={XIcon}
              aria-label={`Take ${party.name} off`}
              onClick={() => onChange(approvers.filter(({ id }) => id !== party.id))}
            />
          </span>
        </li>
      ))}
    </ul>
  );
}
