import { createRedactor } from './redact.ts';

const byForm = createRedactor({ secrets: [], ignored: ['random'] });
const alsoRandom = createRedactor({ secrets: [] });

/**
 * A machine's name without credentials by their form and personal data. What looks drawn at random is looked for between the hyphens alone: a
 * cluster joins words and short random parts to a name that as a whole looks like a credential.
 */
export function redactMachineName(name: string): string {
  const parts = byForm.redact(name).text.split('-');
  return parts.map((part) => alsoRandom.redact(part).text).join('-');
}
