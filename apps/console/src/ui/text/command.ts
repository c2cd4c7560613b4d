/** Shells that commands are written for. */
export type Shell = 'posix' | 'powershell' | 'cmd';

/** Means the same in every shell without quotes. */
const BARE = /^[A-Za-z0-9_./:-]+$/;

/**
 * A command of these words for one shell, each word quoted so that the program gets exactly it. Null when a word cannot be written: a control
 * character acts on the terminal before any shell reads it, and some shells have characters that no quotes hold.
 */
export function buildCommand(shell: Shell, words: readonly string[]): string | null {
  const quoted = words.map((word) => formatWord(shell, word));
  return quoted.every((word) => word !== null) ? quoted.join(' ') : null;
}

/** One word of a command; null when it cannot be written. */
export function formatWord(shell: Shell, word: string): string | null {
  if (/\p{C}/u.test(word)) return null;
  if (BARE.test(word)) return word;
  switch (shell) {
    case 'posix':
      // a backslash stands outside of the quotes too: fish reads it inside of them
      return `'${word.replaceAll(/['\\]/g, String.raw`'\$&'`)}'`;
    case 'powershell':
      // typographic quotes end a string there too; Windows PowerShell loses `"` on the way to a program
      return word.includes('"') ? null : `'${word.replaceAll(/['\u2018-\u201B]/g, '$&$&')}'`;
    case 'cmd':
      return /["%!^]|\\$/.test(word) ? null : `"${word}"`;
  }
}
