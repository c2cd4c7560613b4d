import { FingerprintIcon } from '@phosphor-icons/react/ssr';

import type { ApiOutput } from '../../trpc/client.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';

type Recorded = NonNullable<ApiOutput['receipt']['get']['document']['arguments']>;
type Field = Recorded['fields'][number];

const UNIT: Partial<Record<Field['type'], string>> = { string: 'characters', array: 'items', object: 'fields' };

/** "text, 120 characters": all that left the site of a value that is not logged. */
function describeShape({ type, size }: Field): string {
  if (type === 'undeclared') return 'a field that the schema does not declare';
  const name = { string: 'text', number: 'number', boolean: 'yes or no', null: 'null', object: 'object', array: 'list' }[type];
  return size === undefined ? name : `${name}, ${size.toLocaleString('en')} ${UNIT[type] ?? ''}`.trim();
}

export interface RecordedFieldsProps extends Pick<Recorded, 'fields' | 'logged' | 'truncated' | 'bytes'> {
  label: string;
  /** pointers of the fields whose logged values this reader is not given */
  withheld?: readonly string[] | undefined;
}

/** Logged values as they are, everything else as its shape. Untrusted text throughout. */
export function RecordedFields({ label, fields, logged, truncated, bytes, withheld = [] }: RecordedFieldsProps) {
  const hidden = new Set(withheld);
  const values = new Map<string, Recorded['logged'][number]>(logged.map((field) => [field.pointer, field]));
  const rows = fields.filter(({ pointer, type }) => pointer !== '' || type === 'undeclared');
  return (
    <>
      {rows.length > 0 && (
        <table aria-label={label} className="w-full border-collapse text-left text-xs">
          <tbody className="divide-y divide-line border-y border-line">
            {rows.map((field, index) => {
              const value = values.get(field.pointer);
              return (
                <tr key={`${field.pointer} ${index}`} className="align-top">
                  <th scope="row" className="py-1.5 pr-4 font-mono font-normal break-all text-muted">
                    <UntrustedText text={field.pointer.slice(1).replaceAll('/', '.') || '?'} />
                  </th>
                  <td className="w-2/3 py-1.5">
                    {value ? (
                      <span className="font-mono break-all">
                        <UntrustedText text={String(value.value)} />
                        {value.redacted && (
                          <span className="ml-2">
                            <Badge tone="warn">redacted</Badge>
                          </span>
                        )}
                      </span>
                    ) : (
                      <span className="text-subtle">{describeShape(field)}</span>
                    )}
                    {hidden.has(field.pointer) && (
                      <span className="ml-2">
                        <Badge>withheld</Badge>
                      </span>
                    )}
                    {field.fingerprint !== undefined && !value && (
                      <span
                        className="ml-2 inline-flex items-center gap-1 font-mono text-subtle"
                        title={`Equal values have equal fingerprints: ${field.fingerprint}`}
                      >
                        <FingerprintIcon aria-hidden size={12} />
                        {field.fingerprint.slice(0, 8)}
                      </span>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      <p className="mt-1.5 text-xs text-subtle tabular-nums">
        {bytes.toLocaleString('en')} bytes{truncated && ', more fields than are listed'}
        {rows.length === 0 && ', no fields'}
      </p>
    </>
  );
}
