import type { ZxcvbnFactory } from '@zxcvbn-ts/core';

import { ServiceError } from '../errors.ts';
import { hashPassword, normalizePassword } from './password.ts';

/** As NIST SP 800-63B-4 asks for where nothing but the password is asked for. */
const MIN_CHARACTERS = 15;
const MAX_CHARACTERS = 200;
/** zxcvbn's "very unlikely to be guessed": 10^10 attempts and more */
const STRONG = 4;
/** What zxcvbn looks at: a bound on its work, some tens of milliseconds at most. */
const EFFORT = { maxLength: 64, l33tMaxSubstitutions: 8 };
const ADVICE = 'Choose a few words that have nothing to do with each other, or let a password manager make one.';

export interface ChosenSecret {
  password: string;
  /** what anybody would try first: address and name of the person, names of the workspaces */
  about: readonly string[];
  /** who causes the work, for `hashPassword` */
  origin: string;
}

/** The hash of a password that somebody has chosen; the only way to one that is stored. Throws `invalid` at `newPassword`, with what is wrong. */
export async function hashNewPassword({ password, about, origin }: ChosenSecret): Promise<string> {
  const problem = await findPasswordProblem(password, about);
  if (problem !== null) throw new ServiceError('invalid', problem, { field: 'newPassword' });
  return hashPassword(password, origin);
}

/** What keeps a password from being set, in a sentence; null when nothing does. Which kinds of characters it has does not matter. */
export async function findPasswordProblem(password: string, about: readonly string[]): Promise<string | null> {
  // Composed, so that an accent is no character of its own, and no sign counts as the word that it stands for.
  const characters = Array.from(password.normalize('NFC')).length;
  if (characters < MIN_CHARACTERS) return `Use at least ${MIN_CHARACTERS} characters.`;
  if (characters > MAX_CHARACTERS) return `Use ${MAX_CHARACTERS} characters at most.`;
  if (/\p{Cc}/u.test(password)) return 'This holds a line break, a tab or another character that cannot be seen. Leave it out.';
  const reason = await findWeakness(normalizePassword(password).toLowerCase(), listKnownWords(about));
  return reason === null ? null : `${reason} ${ADVICE}`;
}

/** Known words count for nothing: what is left without them has to be hard to guess. */
async function findWeakness(password: string, known: readonly string[]): Promise<string | null> {
  const rest = known.reduce((text, word) => text.replaceAll(word, ''), password);
  const { score, feedback } = (await loadEstimator()).check(rest, [...known]);
  if (score === STRONG) return null;
  if (rest !== password) return 'This is little more than your name or address, the name of the workspace or of the product.';
  return feedback.warning ?? 'This is made of common words, names, dates or passwords.';
}

/** The longest first, whole and in parts: "ada.lovelace@acme.example", "lovelace", "acme". */
function listKnownWords(about: readonly string[]): string[] {
  const texts = ['gatehouse', ...about].map((text) => text.normalize('NFKC').toLowerCase());
  const words = texts.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]);
  return [...new Set(words)].filter((word) => word.length > 2).toSorted((a, b) => b.length - a.length);
}

let estimator: Promise<ZxcvbnFactory> | undefined;

/** Common and compromised passwords, words and names: some megabytes, which a process that sets no password does not need. */
const loadEstimator = (): Promise<ZxcvbnFactory> => (estimator ??= createEstimator());

async function createEstimator(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory: Factory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  const dictionary = { ...common.dictionary, ...english.dictionary };
  return new Factory({ ...EFFORT, dictionary, graphs: common.adjacencyGraphs, translations: english.translations });
}
