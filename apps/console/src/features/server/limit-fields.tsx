'use client';

import { useFormContext } from 'react-hook-form';

import { TextField } from '../../ui/form/form.tsx';
import { describeDefault, LIMIT_WORDS, type LimitFields as Fields } from './limits-form.ts';

const OF_SERVER = ['start', 'answer', 'silence', 'total'] as const;

/** How long a server may take, for a form that has these fields beside others. */
export function LimitFields() {
  const { control } = useFormContext<Fields>();
  return (
    <>
      <p className="max-w-[70ch] text-muted">
        In seconds; an empty field is the default. The guardrails of a site may allow less. Who is refused reads which limit it
        was.
      </p>
      <div className="grid gap-3 sm:grid-cols-2">
        {OF_SERVER.map((name) => (
          <TextField
            key={name}
            control={control}
            name={name}
            {...LIMIT_WORDS[name]}
            optional
            placeholder={describeDefault(name)}
            inputMode="decimal"
          />
        ))}
      </div>
    </>
  );
}
