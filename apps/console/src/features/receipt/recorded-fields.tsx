import type { ApiOutput } from '../../trpc/client.tsx';
import { Badge } from '../../ui/badge.tsx';

type Recorded = NonNullable<ApiOutput['receipt']['get']['document']['arguments']>;

interface RecordedFieldsProps {
  fields: Recorded['fields'];
  logged: Recorded['logged'];
  /** null: there was nothing to record */
  bytes: number | null;
}

const SIZE_WORDS: Partial<Record<Recorded['fields'][number]['type'], string>> = {
  string: 'characters',
  array: 'items',
  object: 'keys',
};

/** What is known of arguments or a result: the value where a reviewer marked the field, otherwise only its type and size. */
export function RecordedFields({ fields, logged, bytes }: RecordedFieldsProps) {
  if (bytes === null) return <p className="text-subtle">Nothing was recorded: the call ended before.</p>;
  const values = new Map(logged.map((field) => [field.pointer, field]));
  return (
    <>
      <ul className="divide-y divide-line">
        {fields
          .filter(({ pointer }) => pointer !== '')
          .map(({ pointer, type, size, fingerprint }, index) => {
            const value = values.get(pointer);
            return (
              <li key={`${pointer}-${index}`} className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 py-1">
                <span className="font-mono text-xs">{type === 'undeclared' ? 'undeclared key' : pointer.slice(1)}</span>
                {value ? (
                  <span className="font-mono text-xs break-all text-fg">
                    {String(value.value)} {value.redacted && <Badge tone="warn">redacted</Badge>}
                  </span>
                ) : (
                  <span className="text-xs text-subtle">
                    {type}
                    {size !== undefined && SIZE_WORDS[type] !== undefined && `, ${size.toLocaleString('en')} ${SIZE_WORDS[type]}`}
                    {fingerprint !== undefined && (
                      <span className="font-mono" title="Equal values have equal fingerprints; the value cannot be read from it">
                        {' '}
                        #{fingerprint.slice(0, 8)}
                      </span>
                    )}
                  </span>
                )}
              </li>
            );
          })}
      </ul>
      <p className="mt-1 text-xs text-subtle">
        {bytes.toLocaleString('en')} bytes in all. Values stay with the agent unless a review marked their field.
      </p>
    </>
  );
}
