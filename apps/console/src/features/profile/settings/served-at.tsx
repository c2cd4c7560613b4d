'use client';

import { type Control, type FieldPathByValue, type FieldValues, useController } from 'react-hook-form';

import type { ApiOutput } from '../../../trpc/client.tsx';
import { Checkbox } from '../../../ui/form/checkbox.tsx';
import { describeCount } from '../../../ui/text/count.ts';

export interface ServedAtProps<In extends FieldValues, Out> {
  sites: ApiOutput['site']['list']['rows'];
  control: Control<In, unknown, Out>;
  /** of the field with the ids of the chosen sites */
  name: FieldPathByValue<In, string[]>;
  disabled?: boolean;
}

/** The sites whose agents serve a profile. */
export function ServedAt<In extends FieldValues, Out>({ sites, control, name, disabled = false }: ServedAtProps<In, Out>) {
  const { field, fieldState } = useController({ control, name });
  const chosen: readonly string[] = field.value;
  return (
    <fieldset disabled={disabled}>
      <legend className="mb-1.5 text-sm font-medium">Served at</legend>
      <p className="mb-1.5 text-xs text-subtle">Only what is reachable at every one of them can be selected.</p>
      <ul className="flex flex-col gap-1.5">
        {sites.map(({ id, name: siteName, slug, agentCount }) => (
          <li key={id}>
            <Checkbox
              label={siteName}
              hint={`${slug} · ${describeCount(agentCount, 'agent')}`}
              disabled={disabled}
              checked={chosen.includes(id)}
              onCheckedChange={(on) => field.onChange(on ? [...chosen, id] : chosen.filter((other) => other !== id))}
            />
          </li>
        ))}
      </ul>
      {fieldState.error && (
        <p role="alert" className="mt-1.5 text-xs text-danger-fg">
          {fieldState.error.message}
        </p>
      )}
    </fieldset>
  );
}
