'use client';

import { useId } from 'react';

import { Badge } from '../../ui/badge.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';

export interface LogFieldsProps {
  title: string;
  /** JSON Pointers of the single-value fields that the schema declares */
  fields: readonly string[];
  /** worth logging and safe to log, by name and type alone */
  suggested: readonly string[];
  chosen: readonly string[];
  disabled: boolean;
  onChange: (chosen: string[]) => void;
}

/** "/items/*\/id" as people write it: items.*.id */
const readable = (pointer: string): string => pointer.slice(1).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join('.');

/** Which values leave the site in receipts. What is not ticked leaves as type and size only. */
export function LogFields({ title, fields, suggested, chosen, disabled, onChange }: LogFieldsProps) {
  const titleId = useId();
  if (fields.length === 0 || (disabled && chosen.length === 0)) return null;
  const shown = disabled ? fields.filter((field) => chosen.includes(field)) : fields;
  return (
    <div role="group" aria-labelledby={titleId}>
      <p id={titleId} className="text-sm font-medium">
        {disabled ? title.replace('Log the', 'Logged') : title}
      </p>
      {!disabled && <p className="mb-1.5 text-xs text-subtle">Ticked values reach the audit after redaction. The others never leave your network.</p>}
      <ul className="flex max-h-64 flex-col gap-1.5 overflow-y-auto p-1">
        {shown.map((field) => (
          <li key={field}>
            <Checkbox
              checked={chosen.includes(field)}
              disabled={disabled}
              onCheckedChange={(on) => onChange(on ? [...chosen, field] : chosen.filter((other) => other !== field))}
              label={
                <span className="inline-flex flex-wrap items-center gap-2 font-mono text-xs leading-5 break-all">
                  <UntrustedText text={readable(field)} />
                  {!disabled && suggested.includes(field) && <Badge>suggested</Badge>}
                </span>
              }
            />
          </li>
        ))}
      </ul>
    </div>
  );
}
