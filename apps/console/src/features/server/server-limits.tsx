'use client';

import { useMutation } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useFieldArray, useFormContext } from 'react-hook-form';

import { useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { Form, TextField } from '../../ui/form/form.tsx';
import { findSaveReason, SaveProblem } from '../../ui/form/save-problem.tsx';
import { useEditForm } from '../../ui/form/use-edit-form.ts';
import { Card } from '../../ui/layout/card.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { LimitFields } from './limit-fields.tsx';
import { EMPTY_TOOL, LIMIT_GROUPS, LIMIT_WORDS, LimitsForm, readPresentLimits, toSeen, toServerLimits } from './limits-form.ts';
import type { ServerDetail } from './server-state.tsx';

const OF_TOOL = ['answer', 'silence', 'total'] as const;

/** How long the server may take: seen by everybody, changed by admins. */
export function ServerLimits({ server }: { server: ServerDetail }) {
  const { can } = useMe();
  const toast = useToast();
  const current = useMemo(() => toSeen(server.revision, server.limits), [server]);
  const edit = useEditForm(LimitsForm, current);
  const { form } = edit;
  const set = useMutation(
    useTRPC().server.setLimits.mutationOptions({
      onSuccess: ({ revision }, { limits }) => {
        edit.restart(toSeen(revision, limits));
        toast({ title: 'The limits are changed', description: 'Agents go by them with their next configuration.' });
      },
    }),
  );
  const submit = (values: LimitsForm): void =>
    set.mutate({ serverId: server.id, limits: toServerLimits(values), revision: edit.seen.revision });
  const mayChange = can('server.manage');
  const reason = findSaveReason(set.error) ?? (form.formState.isDirty ? undefined : 'Nothing is changed.');
  return (
    <Form form={form} onSubmit={submit}>
      <Card title="How long it may take">
        <fieldset disabled={!mayChange} className="flex min-w-0 flex-col gap-4">
          <LimitFields />
          <ToolLimits mayChange={mayChange} />
        </fieldset>
        <SaveProblem
          error={set.error}
          fields={{ 'limits.answerMs': 'answer', 'limits.silenceMs': 'silence', 'limits.totalMs': 'total' }}
          className="mt-4"
          edit={edit}
          groups={LIMIT_GROUPS}
          readValues={readPresentLimits}
          onMerged={set.reset}
        />
        {mayChange && (
          <div className="mt-5 flex justify-end border-t border-line pt-4">
            <Button type="submit" variant="primary" loading={set.isPending} disabledReason={reason}>
              Save the limits
            </Button>
          </div>
        )}
      </Card>
    </Form>
  );
}

function ToolLimits({ mayChange }: { mayChange: boolean }) {
  const { control } = useFormContext<LimitsForm>();
  const { fields, append, remove } = useFieldArray({ control, name: 'tools' });
  if (fields.length === 0 && !mayChange) return null;
  return (
    <section aria-label="Tools with limits of their own" className="flex flex-col gap-3">
      {fields.map(({ id }, index) => (
        <div key={id} className="grid items-end gap-3 border-l-2 border-line pl-4 sm:grid-cols-2 lg:grid-cols-5">
          <TextField control={control} name={`tools.${index}.name`} label="Tool" mono spellCheck={false} />
          {OF_TOOL.map((name) => (
            <TextField
              key={name}
              control={control}
              name={`tools.${index}.${name}`}
              label={LIMIT_WORDS[name].label}
              optional
              inputMode="decimal"
            />
          ))}
          {mayChange && (
            <Button variant="ghost" onClick={() => remove(index)}>
              Remove
            </Button>
          )}
        </div>
      ))}
      {mayChange && (
        <Button className="self-start" onClick={() => append(EMPTY_TOOL)}>
          Other limits for one tool
        </Button>
      )}
    </section>
  );
}
