import type { IncomingMessage } from 'node:http';

/** The value of a header that stands in the request exactly once; undefined when it is missing or repeated. */
export function getSingleHeader(request: IncomingMessage, lowerCaseName: string): string | undefined {
  const values = listHeaderValues(request, lowerCaseName);
  return values.length === 1 ? values[0] : undefined;
}

/** Every value of a header as it was sent: Node itself keeps only the first of some headers. */
export function listHeaderValues(request: IncomingMessage, lowerCaseName: string): string[] {
  return request.rawHeaders.filter((_, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === lowerCaseName);
}
