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
/** Characters of its own that a password needs beside known words, however these are spelled. */
const MIN_OWN = 8;
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

const KNOWN = 'This is little more than your name or address, the name of the workspace or of the product.';

/** Known words count for nothing: what is left without them has to be hard to guess. */
async function findWeakness(password: string, known: readonly string[]): Promise<string | null> {
  if (isSpelledOf(password, known)) return KNOWN;
  const rest = takeOut(known, password);
  // a text over and over again counts twice
  const once = rest.replace(/(.{1,100}?)\1{2,}/gsu, '$1$1');
  const { score, feedback } = (await loadEstimator()).check(once, [...known]);
  if (score === STRONG) return null;
  return rest === password ? (feedback.warning ?? 'This is made of common words, names, dates or passwords.') : KNOWN;
}

const takeOut = (words: readonly string[], from: string): string => words.reduce((text, word) => text.replaceAll(word, ''), from);

/** Whether nearly all of it is known words: spaced out, with digits or signs for letters, or backwards. */
function isSpelledOf(password: string, known: readonly string[]): boolean {
  const words = known.map(foldSpelling).filter((word) => word.length > 2);
  const backwards = words.map((word) => Array.from(word).toReversed().join(''));
  const folded = foldSpelling(password);
  const rest = takeOut([...words, ...backwards], folded);
  return rest !== folded && Array.from(rest).length < MIN_OWN;
}

const LOOKS_LIKE: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  '!': 'l',
  '|': 'l',
  i: 'l',
  '3': 'e',
  '4': 'a',
  '@': 'a',
  '5': 's',
  $: 's',
  '7': 't',
};

/** Letters and digits alone, each sign as the letter that it looks like. */
function foldSpelling(text: string): string {
  return Array.from(text, (sign) => LOOKS_LIKE[sign] ?? sign)
    .join('')
    .replace(/[^\p{L}\p{N}]+/gu, '');
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
