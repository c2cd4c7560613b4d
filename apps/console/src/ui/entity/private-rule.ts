import type { ApiOutput } from '../../trpc/client.tsx';

/** What a definition may hold that is secret or somebody's: closed, by the detectors of the product. */
export type PrivateRule = ApiOutput['review']['get']['entries'][number]['privatePassages'][number]['rule'];

const WORDS: Record<PrivateRule, string> = {
  'private-key': 'a private key',
  'url-credentials': 'a password in an address',
  token: 'a token',
  'key-name': 'the value of a secret field',
  email: 'an e-mail address',
  phone: 'a telephone number',
  card: 'a card number',
  iban: 'a bank account',
  'national-id': 'an identity number',
};

/** "an e-mail address" */
export const describePrivateRule = (rule: PrivateRule): string => WORDS[rule];

/** The words of a rule that a text from outside names; null for anything else. */
function findPrivateRuleWords(text: string): string | null {
  return Object.entries(WORDS).find(([rule]) => rule === text)?.[1] ?? null;
}

/** How an agent says that something reads as a secret. */
export const SECRET = /\ba secret \(([a-z-]+)\)/;

/** The same text, with the kind of secret in words. */
export const nameSecretRule = (text: string): string =>
  text.replace(SECRET, (whole, rule: string) => {
    const words = findPrivateRuleWords(rule);
    return words === null ? whole : `what reads as a secret (${words})`;
  });
