import { redactor } from '../redactor.ts';
import { toStorableText } from '../storable.ts';

/** An agent's free text, fit to be stored and shown. */
export function redactText(text: string): string {
  return toStorableText(redactor.redact(text).text);
}
