import { join } from 'node:path';

/** The scripts of the reference upstream: over HTTP, and on standard input and output. */
export const HTTP_UPSTREAM = join(import.meta.dirname, 'http.ts');
export const STDIO_UPSTREAM = join(import.meta.dirname, 'stdio.ts');
