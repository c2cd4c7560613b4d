import { isJsonObject } from './json.ts';

/** A key as a segment of a JSON Pointer (RFC 6901). */
export function encodeSegment(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The key that a segment of a JSON Pointer stands for. */
export function decodeSegment(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The value with each text, number, boolean and null in it as `change` has it. The value must be known not to be nested without end. */
export function mapLeaves(value: unknown, change: (leaf: unknown, pointer: string) => unknown, pointer = ''): unknown {
  if (Array.isArray(value)) return value.map((item, at) => mapLeaves(item, change, `${pointer}/${at}`));
  if (!isJsonObject(value)) return change(value, pointer);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapLeaves(item, change, `${pointer}/${encodeSegment(key)}`)]),
  );
}
