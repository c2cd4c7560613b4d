/** A key as a segment of a JSON Pointer (RFC 6901). */
export function encodeSegment(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The key that a segment of a JSON Pointer stands for. */
export function decodeSegment(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}
