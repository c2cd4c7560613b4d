/** Longest name that is written with the letters of ASCII. */
export const MAX_PLAIN_NAME = 64;

/** A name in at most 64 characters of A-Z a-z 0-9 _ -, as near to the text as these come; empty when nothing of it is left. */
export function toPlainName(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{Mn}/gu, '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
    .replaceAll(/_{2,}/g, '_')
    .slice(0, MAX_PLAIN_NAME)
    .replaceAll(/^[_-]+|[_-]+$/g, '');
}

/** The name with some characters of a hash behind it, within the same length. */
export function withShortHash(name: string, hashed: string): string {
  const suffix = `_${computeShortHash(hashed)}`;
  return name.slice(0, MAX_PLAIN_NAME - suffix.length) + suffix;
}

/** FNV-1a, 32 bits, in base 36: tells two things of one name apart, guards nothing. */
function computeShortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(36);
}
