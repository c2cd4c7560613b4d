import type { CredentialScrub } from '../secrets/credential-scrub.ts';

/**
 * A value as JSON without any credential that the agent holds. It is written once; only one that holds a credential is taken apart and written
 * again.
 */
export function scrubbedJson(scrub: CredentialScrub, value: unknown): string {
  const json = JSON.stringify(value);
  return scrub.text(json) === json ? json : JSON.stringify(scrub.value(value));
}
