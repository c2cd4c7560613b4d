'use client';

import { PlusIcon } from '@phosphor-icons/react/ssr';
import { useFieldArray, useFormContext } from 'react-hook-form';

import { MOST_FIXED_HEADERS } from '@gatehouse/policy/documents/snapshot';

import { Button } from '../../../ui/button.tsx';
import { TextField } from '../../../ui/form/form.tsx';
import type { CredentialForm } from './credential-form.ts';

/** Headers that are the same in every request and no secret. */
export function FixedHeaders({ disabled }: { disabled: boolean }) {
  const { control } = useFormContext<CredentialForm>();
  const { fields, append, remove } = useFieldArray({ control, name: 'headers' });
  return (
    <section aria-label="Fixed headers" className="flex flex-col gap-3">
      {fields.length > 0 && (
        <div className="flex flex-col gap-3 border-l-2 border-line pl-4">
          <p className="text-xs text-subtle">
            Sent with every request as they stand here. They are no secret: everybody who sees this server sees them.
          </p>
          {fields.map(({ id }, index) => (
            <div key={id} className="grid items-start gap-3 sm:grid-cols-2">
              <TextField
                control={control}
                name={`headers.${index}.name`}
                label="Header"
                mono
                placeholder="X-Org"
                spellCheck={false}
              />
              <TextField
                control={control}
                name={`headers.${index}.value`}
                label="Value"
                mono
                maxLength={1_024}
                spellCheck={false}
              />
              <Button variant="ghost" size="small" className="justify-self-start sm:col-span-2" onClick={() => remove(index)}>
                Remove this header
              </Button>
            </div>
          ))}
        </div>
      )}
      {fields.length < MOST_FIXED_HEADERS && (
        <Button
          variant="ghost"
          size="small"
          icon={PlusIcon}
          className="-ml-2 self-start"
          disabled={disabled}
          onClick={() => append({ name: '', value: '' })}
        >
          {fields.length === 0 ? 'Add a fixed header' : 'Another fixed header'}
        </Button>
      )}
    </section>
  );
}
