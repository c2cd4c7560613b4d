'use client';

import { useController, useFormContext } from 'react-hook-form';

import { cn } from '../../../ui/cn.ts';
import { Choice } from '../../../ui/form/choice.tsx';
import { type NewServerForm, PROCESSES } from './new-server-form.ts';

/** Whether a stdio server is one process for everybody or one per session. */
export function ProcessesField({ disabled }: { disabled: boolean }) {
  const { control } = useFormContext<NewServerForm>();
  const { field } = useController({ control, name: 'processes' });
  return (
    <div className="flex flex-col gap-1.5">
      <p className="text-sm font-medium">Processes</p>
      <Choice
        label="Processes"
        className="self-start"
        value={field.value}
        disabled={disabled}
        onValueChange={field.onChange}
        options={[
          { value: 'shared', label: PROCESSES.shared.label },
          { value: 'per_session', label: PROCESSES.per_session.label },
        ]}
      />
      {/* Both sentences take the same place, so that choosing moves nothing. */}
      <div className="grid text-xs text-subtle">
        {Object.entries(PROCESSES).map(([kind, { when }]) => (
          <p
            key={kind}
            aria-hidden={kind !== field.value}
            className={cn('col-start-1 row-start-1', kind !== field.value && 'invisible')}
          >
            {when}
          </p>
        ))}
      </div>
    </div>
  );
}
