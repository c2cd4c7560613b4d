import { findPrivateKeys, findUrlCredentials } from './detectors/blocks.ts';
import { findNamedSecrets } from './detectors/key-names.ts';
import { findColonAddresses, findEmails, findLetteredNumbers, findNumbers } from './detectors/personal-data.ts';
import { findTokens } from './detectors/tokens.ts';
import { createSecretFinder } from './held-secrets.ts';
import { findInPlain } from './plain-reading.ts';
import { removeSpans, type Rule, type Span } from './span.ts';

export interface Redacted {
  text: string;
  /** what was found, each rule once; `error` when the text was dropped because a detector failed */
  rules: string[];
}

export interface Redactor {
  /** Removes held credentials, named secrets, credentials by their form and personal data. Never throws. */
  redact(text: string): Redacted;
}

/** What stands in the place of a text that could not be redacted. */
export const REDACTION_ERROR = '[redaction-error]';

export interface RedactorOptions {
  /** every credential the process holds; those of eight characters and more are found in every common encoding */
  secrets: readonly string[];
  /** what the reader knows anyway and is left when a detector takes it for personal data, as the address of a server that they configured */
  known?: readonly string[];
  /** rules whose finds are left */
  ignored?: readonly Rule[];
  /** further detectors */
  detectors?: ReadonlyArray<(text: string) => Span[]>;
}

const DETECTORS = [
  findPrivateKeys,
  findUrlCredentials,
  findNamedSecrets,
  findTokens,
  findEmails,
  findColonAddresses,
  findLetteredNumbers,
  findNumbers,
];

/** Builds a redactor. Immutable: for another list of secrets build another. */
export function createRedactor({ secrets, known = [], ignored = [], detectors = [] }: RedactorOptions): Redactor {
  const findSecrets = createSecretFinder(secrets);
  const patterns = [...DETECTORS, ...detectors];
  return {
    redact(text) {
      try {
        const spans = findSecrets(text);
        const find = (plain: string) =>
          patterns
            .flatMap((detect) => detect(plain))
            .filter(({ start, end, rule }) => !ignored.includes(rule) && !known.includes(plain.slice(start, end)));
        spans.push(...findInPlain(text, find));
        return removeSpans(text, spans);
      } catch {
        return { text: REDACTION_ERROR, rules: ['error'] };
      }
    },
  };
}
