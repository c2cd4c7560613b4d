'use client';

import { useController, useFormContext } from 'react-hook-form';

import type { ApiOutput } from '../../../trpc/client.tsx';
import { Checkbox } from '../../../ui/form/checkbox.tsx';
import type { EditForm } from './edit-form.ts';

/** At which sites agents reach it. */
export function SitesField({ sites }: { sites: ApiOutput['site']['list']['rows'] }) {
  const { control } = useFormContext<EditForm>();
  const { field, fieldState } = useController({ control, name: 'siteIds' });
  const change = (id: string, isChosen: boolean): void =>
    field.onChange((isChosen ? [...field.value, id] : field.value.filter((each) => each !== id)).toSorted());
  return (
    <div role="group" aria-label="Sites" className="flex flex-col gap-1.5">
      <p className="text-sm font-medium">Sites</p>
      {sites.map(({ id, name, slug }) => (
        <Checkbox
          key={id}
          label={name}
          hint={slug}
          checked={field.value.includes(id)}
          onCheckedChange={(isChosen) => change(id, isChosen)}
        />
      ))}
      {fieldState.error && (
        <p role="alert" className="text-xs text-danger-fg">
          {fieldState.error.message}
        </p>
      )}
    </div>
  );
}
