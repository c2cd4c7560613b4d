import { createRedactor } from '@gatehouse/redaction/redact';

import { toStorableText } from '../storable.ts';

// The agent has removed the credentials that it holds. The control plane knows none of them and can only look for patterns.
const redactor = createRedactor({ secrets: [] });

/** An agent's free text, fit to be stored and shown. */
export function redactText(text: string): string {
  return toStorableText(redactor.redact(text).text);
}
