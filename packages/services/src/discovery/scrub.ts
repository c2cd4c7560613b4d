import { createRedactor } from '@gatehouse/redaction/redact';

import { toStorableText } from '../storable.ts';

// The agent has scrubbed the credentials it holds; this pass knows none and goes by patterns.
const redactor = createRedactor({ secrets: [] });

/** An agent's free text, fit to be stored and shown. */
export function scrub(text: string): string {
  return toStorableText(redactor.redact(text).text);
}
