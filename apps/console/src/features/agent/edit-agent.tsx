'use client';

import { useMutation } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Control } from 'react-hook-form';
import { z } from 'zod';

import { AgentName } from '@gatehouse/policy/documents/definition';

import { useTRPC } from '../../trpc/client.tsx';
import { TextareaField, TextField } from '../../ui/form/form.tsx';
import { type VersionGroup } from '../../ui/form/merge-versions.ts';
import { useEditForm } from '../../ui/form/use-edit-form.ts';
import { EditDialog } from '../../ui/overlay/edit-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import type { AgentDetail } from './agent-page.tsx';
import { formatLabels, parseLabels } from './labels.tsx';

const AgentForm = z.object({
  name: z
    .string()
    .trim()
    .toLowerCase()
    .refine((name) => AgentName.safeParse(name).success, 'Use lower-case letters, digits and inner hyphens.'),
  labels: z.string().superRefine((text, issues) => {
    const read = parseLabels(text);
    if ('problem' in read) issues.addIssue({ code: 'custom', message: read.problem });
  }),
});
type AgentForm = z.infer<typeof AgentForm>;

const Present = z.object({ name: z.string(), labels: z.record(z.string(), z.string()) });

const toForm = ({ name, labels }: z.infer<typeof Present>): AgentForm => ({ name, labels: formatLabels(labels) });

const GROUPS: readonly VersionGroup<AgentForm>[] = [
  { label: 'Name', names: ['name'], show: ({ name }) => name },
  { label: 'Labels', names: ['labels'], show: ({ labels }) => labels },
];

/** Changes what an agent is called, and the labels by which it is found. */
export function EditAgent({ agent, onClose }: { agent: AgentDetail; onClose: () => void }) {
  const toast = useToast();
  const current = useMemo(() => ({ revision: agent.revision, values: toForm(agent) }), [agent]);
  const edit = useEditForm(AgentForm, current);
  const { form } = edit;
  const update = useMutation(
    useTRPC().agent.update.mutationOptions({
      onSuccess: (_, { name }) => {
        toast({ title: `${name} is changed` });
        onClose();
      },
    }),
  );

  function submit({ name, labels }: AgentForm): void {
    const read = parseLabels(labels);
    if ('labels' in read) update.mutate({ agentId: agent.id, name, labels: read.labels, revision: edit.seen.revision });
  }

  return (
    <EditDialog
      title={`Edit ${agent.name}`}
      description="It goes on serving as it is, and calls itself so after its next connection."
      onClose={onClose}
      saving={update}
      onSave={submit}
      submitLabel="Save agent"
      fields={{ name: 'name', labels: 'labels' }}
      edit={edit}
      groups={GROUPS}
      readValues={(present) => toForm(Present.parse(present))}
    >
      <AgentFields control={form.control} />
    </EditDialog>
  );
}

function AgentFields({ control }: { control: Control<AgentForm, unknown, AgentForm> }) {
  return (
    <>
      <TextField
        control={control}
        name="name"
        label="Name"
        hint="Receipts of before are shown under the new name too."
        mono
        className="lowercase"
        maxLength={63}
        autoComplete="off"
        spellCheck={false}
      />
      <TextareaField
        control={control}
        name="labels"
        label="Labels"
        optional
        mono
        rows={4}
        hint="One on a line: region=eu. The list of agents can be narrowed to each."
        spellCheck={false}
      />
    </>
  );
}
