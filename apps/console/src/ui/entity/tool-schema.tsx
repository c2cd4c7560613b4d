import { readDeclaredArguments } from '@gatehouse/policy/compile/declared-arguments';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { cn } from '../cn.ts';
import { ScrollRegion } from '../layout/scroll-region.tsx';
import { Badge } from '../status/badge.tsx';
import { JsonView } from '../text/json-view.tsx';
import { UntrustedText } from '../text/untrusted-text.tsx';
import { describeType } from './schema-type.ts';

interface Row {
  name: string;
  type: string;
  required: boolean;
  limits: string;
  description: string;
}

function describePart(part: JsonObject): string {
  return describeType([part], isJsonObject(part['items']) ? describePart(part['items']) : null);
}

/** Bounds of a value in words; empty when the schema sets none. */
function describeLimits(schema: JsonObject): string {
  const parts: string[] = [];
  const options: unknown = schema['enum'];
  if (Array.isArray(options)) parts.push(options.map((option) => JSON.stringify(option)).join(' | '));
  const words = {
    minimum: 'at least',
    maximum: 'at most',
    minLength: 'characters at least',
    maxLength: 'characters at most',
  } as const;
  for (const [key, word] of Object.entries(words)) {
    const value = schema[key];
    if (typeof value === 'number') parts.push(key.endsWith('Length') ? `${value} ${word}` : `${word} ${value}`);
  }
  if (typeof schema['pattern'] === 'string') parts.push(`matches ${schema['pattern']}`);
  if (typeof schema['format'] === 'string') parts.push(schema['format']);
  return parts.join(', ');
}

function toRows(schema: JsonObject): Row[] {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  return Object.entries(properties).map(([name, property]) => {
    const part = isJsonObject(property) ? property : {};
    const description = typeof part['description'] === 'string' ? part['description'] : '';
    return { name, type: describePart(part), required: required.has(name), limits: describeLimits(part), description };
  });
}

/** In a narrow place the cells of a row stand below each other. */
const CELL = 'px-3 py-1.5 @max-[30rem]:inline-block @max-[30rem]:py-0';

/** A name may break anywhere, so its column would shrink to one letter beside the description that takes all there is. */
const NAME = 'block w-max max-w-[32ch] font-mono font-medium @max-[30rem]:max-w-full';

export interface ToolSchemaProps {
  schema: JsonObject;
  /** "Arguments of get_order": unique on the page */
  label: string;
}

/** The top level of a JSON Schema as a table, and the schema itself exactly as a model reads it. Untrusted text throughout. */
export function ToolSchema({ schema, label }: ToolSchemaProps) {
  const rows = toRows(schema);
  // Silence about other fields is nearly always an omission: what is not declared is refused.
  const { open } = readDeclaredArguments(schema);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {rows.length > 0 && (
        <ScrollRegion label={label} className="@container rounded-card border border-line bg-surface">
          <table className="w-full text-left text-xs">
            <tbody className="divide-y divide-line">
              {rows.map(({ name, type, required, limits, description }) => (
                <tr key={name} className="align-top @max-[30rem]:block @max-[30rem]:py-1.5">
                  <th scope="row" className={CELL}>
                    <span className={NAME}>
                      <UntrustedText text={name} />
                    </span>
                  </th>
                  <td className={cn(CELL, 'whitespace-nowrap text-muted')}>
                    <UntrustedText text={type} oneLine />
                    {required && (
                      <span className="ml-2">
                        <Badge>required</Badge>
                      </span>
                    )}
                  </td>
                  <td className={cn(CELL, 'w-full text-muted @max-[30rem]:block')}>
                    <UntrustedText text={description} />
                    {limits && (
                      <span className="block font-mono text-subtle">
                        <UntrustedText text={limits} />
                      </span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
      {rows.length === 0 && <p className="text-muted">No fields are declared.</p>}
      {open && <p className="text-xs text-subtle">Further fields are accepted: the schema says so.</p>}
      <details className="text-xs">
        <summary className="w-fit text-muted">JSON Schema</summary>
        <JsonView value={schema} label={`Schema: ${label.toLowerCase()}`} className="mt-2" />
      </details>
    </div>
  );
}
