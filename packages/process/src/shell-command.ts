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
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(word)) return null;
  // PowerShell cuts a bare word that begins with a dash at its points and colons
  if (BARE.test(word) && !(shell === 'powershell' && /^-.*[.:]/.test(word))) return word;
  switch (shell) {
    case 'posix':
      // a backslash stands outside of the quotes too: fish reads it inside of them
      return `'${word.replaceAll(/['\\]/g, String.raw`'\$&'`)}'`;
    case 'powershell':
      // Typographic quotes end a string there too. Windows PowerShell hands on neither `"`, nor a word without characters, nor one that ends
      // in a backslash as it is.
      return word === '' || /["\uFF02]|\\$/.test(word) ? null : `'${word.replaceAll(/['\u2018-\u201B]/g, '$&$&')}'`;
    case 'cmd':
      // what a code page takes for a quote is one there
      return /["%!^]|\\$|[^ -~]/.test(word) ? null : `"${word}"`;
  }
}

/** One word for a POSIX shell in a command that people are told to run; a placeholder for what no shell is given. */
export function formatPosixWord(word: string): string {
  return formatWord('posix', word) ?? 'THE_NAME';
}
