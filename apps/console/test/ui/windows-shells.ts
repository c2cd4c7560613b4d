// How Windows takes a command apart, written from its documents and apart from the code that puts one together.

/** CommandLineToArgvW, and the C runtime since 2008: 2n backslashes before a quote are n, an odd one makes the quote a character. */
export function splitCommandLine(line: string): string[] {
  const words: string[] = [];
  let [word, quoted, begun, slashes] = ['', false, false, 0];
  const flushSlashes = (count: number) => {
    word += '\\'.repeat(count);
    slashes = 0;
  };
  for (const char of line) {
    if (char === '\\') {
      slashes += 1;
      begun = true;
    } else if (char === '"') {
      const isCharacter = slashes % 2 === 1;
      flushSlashes(Math.floor(slashes / 2));
      if (isCharacter) word += '"';
      else quoted = !quoted;
      begun = true;
    } else if (char === ' ' && !quoted) {
      flushSlashes(slashes);
      if (begun) words.push(word);
      [word, begun] = ['', false];
    } else {
      flushSlashes(slashes);
      word += char;
      begun = true;
    }
  }
  flushSlashes(slashes);
  return begun ? [...words, word] : words;
}

/**
 * cmd.exe: `%` is read first, everywhere; then quotes switch the special characters off, and `^` and `!` (delayed expansion) act where they do.
 * Throws where the line would be more than one command with words.
 */
export function readCmd(line: string): string[] {
  if (/[%!^\r\n]/.test(line)) throw new Error('cmd changes this line');
  let quoted = false;
  for (const char of line) {
    if (char === '"') quoted = !quoted;
    else if (!quoted && /[&|<>()@,;=]/.test(char)) throw new Error(`cmd acts on ${char}`);
  }
  if (quoted) throw new Error('an open quote');
  return splitCommandLine(line);
}

const QUOTES = /['\u2018\u2019\u201A\u201B]/;

/**
 * PowerShell in argument mode (about_Parsing, about_Quoting_Rules), then Windows PowerShell's way of handing words to a program: those with
 * blanks are put into double quotes, nothing is escaped, empty ones are left out.
 */
export function readPowerShell(line: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < line.length; at += 1) {
    if (line[at] === ' ') continue;
    let word = '';
    if (QUOTES.test(line[at] ?? '')) {
      for (at += 1; ; at += 1) {
        if (at >= line.length) throw new Error('an open quote');
        const isQuote = QUOTES.test(line[at] ?? '');
        if (isQuote && !QUOTES.test(line[at + 1] ?? '')) break;
        word += line[at] ?? '';
        if (isQuote) at += 1;
      }
      if (at + 1 < line.length && line[at + 1] !== ' ') throw new Error('a word goes on after its quote');
    } else {
      for (; at < line.length && line[at] !== ' '; at += 1) word += line[at] ?? '';
      if (/[^\w./:-]/.test(word) || /^-.*[.:]/.test(word)) throw new Error(`PowerShell acts on ${word}`);
    }
    words.push(word);
  }
  return splitCommandLine(words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' '));
}
