'use client';

import { useFormContext, useWatch } from 'react-hook-form';

import { cn } from '../../../ui/cn.ts';
import { ChoiceField } from '../../../ui/form/form.tsx';
import { type NewServerForm, PROCESSES } from './new-server-form.ts';

/** Whether a stdio server is one process for everybody or one per session. */
export function ProcessesField({ disabled }: { disabled: boolean }) {
  const { control } = useFormContext<NewServerForm>();
  const chosen = useWatch({ control, name: 'processes' });
  return (
    <div className="flex flex-col gap-1.5">
      <p className="text-sm font-medium">Processes</p>
      <ChoiceField
        control={control}
        name="processes"
        label="Processes"
        className="self-start"
        disabled={disabled}
        options={[
          { value: 'shared', label: PROCESSES.shared.label },
          { value: 'per_session', label: PROCESSES.per_session.label },
        ]}
      />
      {/* Both sentences take the same place, so that choosing moves nothing. */}
      <div className="grid text-xs text-subtle">
        {Object.entries(PROCESSES).map(([kind, { when }]) => (
          <p key={kind} aria-hidden={kind !== chosen} className={cn('col-start-1 row-start-1', kind !== chosen && 'invisible')}>
            {when}
          </p>
        ))}
      </div>
    </div>
  );
}
