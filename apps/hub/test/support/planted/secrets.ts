import { createSecretFinder } from '@gatehouse/redaction/held-secrets';

import { CREDENTIAL, FORMS, listReadings, holdsCredential } from '../credential-forms.ts';

export interface Secret {
  name: string;
  /** as it stands in the field of this number */
  write: (field: number) => string;
  /** what it is: found in a definition, which leaves as it is, each has its own decision */
  kind: 'address' | 'token' | 'credential' | 'hidden';
}

const writeNumber = (field: number): string => String(field).padStart(3, '0');
const writeAddress = (field: number): string => `p${writeNumber(field)}.canary@leakcheck.fi`;
const writeToken = (field: number): string => `ghp_C4n4ry${writeNumber(field)}q7Xb9ZkLm2Vt8RwYc5Hd3JsPn6G`;
const writeTags = (text: string): string =>
  Array.from(text, (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');

const CREDENTIAL_FORMS = [
  'as it is',
  'capitals',
  'base64',
  'percent',
  'JSON',
  'every letter as \\u',
  'decimal entities',
  'hex',
  'list of bytes',
  'zero-width joiners',
] as const;

/** What is planted in every field. */
export const SECRETS: readonly Secret[] = [
  { name: 'e-mail address', kind: 'address', write: writeAddress },
  { name: 'token', kind: 'token', write: writeToken },
  { name: 'token in tag characters', kind: 'token', write: (field) => `hello ${writeTags(writeToken(field))}` },
  {
    name: 'e-mail address in zero-width characters',
    kind: 'address',
    write: (field) => Array.from(writeAddress(field)).join('\u200B'),
  },
  {
    name: 'hidden instruction',
    kind: 'hidden',
    write: (field) => `hello${writeTags(`unseen ${writeNumber(field)} words`)}\u001B]52;c;hidden${writeNumber(field)}\u0007`,
  },
  ...CREDENTIAL_FORMS.map((form) => ({
    name: `credential, ${form}`,
    kind: 'credential' as const,
    write: () => FORMS[form] ?? '',
  })),
];

export { CREDENTIAL };

const find = createSecretFinder([CREDENTIAL]);
const toSkeleton = (text: string): string => text.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase();
const SKELETON = toSkeleton(CREDENTIAL);
const MARKS: readonly (readonly [Secret['kind'], RegExp])[] = [
  ['address', /p(\d{3})canary/g],
  ['token', /c4n4ry(\d{3})/g],
  ['hidden', /(?:unseen|52chidden)(\d{3})/g],
];

export interface Found {
  kind: Secret['kind'];
  /** of the field; null where the secret does not say */
  field: number | null;
}

/**
 * What of the planted is in a text, in whatever form, its first half too, and with whatever between its letters. `deep`: also behind escapes and encodings,
 * which are undone by other means than those of the product.
 */
export function findPlanted(text: string, deep = true): Found[] {
  const found = new Map<string, Found>();
  const add = (kind: Secret['kind'], field: number | null) => found.set(`${kind} ${field}`, { kind, field });
  if (find(text).length > 0 || (deep && holdsCredential(text))) add('credential', null);
  for (const reading of deep ? listReadings(text) : [text]) {
    const skeleton = toSkeleton(reading);
    if (skeleton.includes(SKELETON)) add('credential', null);
    for (const [kind, mark] of MARKS) for (const [, number] of skeleton.matchAll(mark)) add(kind, Number(number));
  }
  return [...found.values()];
}
