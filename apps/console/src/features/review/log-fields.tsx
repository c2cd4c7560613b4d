'use client';

import { decodeSegment } from '@gatehouse/policy/documents/json-pointer';

import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/form/checkbox.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';

export interface LogFieldsProps {
  what: 'arguments' | 'results';
  /** JSON Pointers of the single-value fields that the schema declares */
  fields: readonly string[];
  /** worth logging and safe to log, by name and type alone */
  suggested: readonly string[];
  chosen: readonly string[];
  disabled: boolean;
  onChange: (chosen: string[]) => void;
}

/** "/items/*\/id" as people write it: items.*.id */
const formatPointer = (pointer: string): string => pointer.slice(1).split('/').map(decodeSegment).join('.');

/** Which values leave the site in receipts. What is not ticked leaves as type and size only. */
export function LogFields({ what, fields, suggested, chosen, disabled, onChange }: LogFieldsProps) {
  if (fields.length === 0 || (disabled && chosen.length === 0)) return null;
  const missing = suggested.filter((field) => fields.includes(field) && !chosen.includes(field));
  const shown = disabled ? fields.filter((field) => chosen.includes(field)) : fields;
  return (
    <fieldset className="min-w-0">
      <legend className="text-sm font-medium">{disabled ? `Logged values of ${what}` : `Log the values of these ${what}`}</legend>
      {!disabled && (
        <p className="mb-1.5 text-xs text-subtle">
          Ticked values reach the audit after redaction. The others never leave your network.
        </p>
      )}
      {!disabled && missing.length > 0 && (
        <Button size="small" className="mb-1.5" onClick={() => onChange([...chosen, ...missing])}>
          Tick the suggested {missing.length === 1 ? 'one' : missing.length}
        </Button>
      )}
      <ul className="flex max-h-64 flex-col gap-1.5 overflow-y-auto p-1">
        {shown.map((field) => (
          <li key={field}>
            <Checkbox
              checked={chosen.includes(field)}
              disabled={disabled}
              onCheckedChange={(on) => onChange(on ? [...chosen, field] : chosen.filter((other) => other !== field))}
              label={
                <span className="inline-flex flex-wrap items-center gap-2">
                  <span className="font-mono text-xs leading-5">
                    <UntrustedText text={formatPointer(field)} />
                  </span>
                  {!disabled && suggested.includes(field) && <Badge>suggested</Badge>}
                </span>
              }
            />
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
