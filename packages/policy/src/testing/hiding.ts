type Write = (message: string) => string;

/** By encoding, a message as a model can read it and a person does not. */
export const ENCODING: Readonly<Record<string, Write>> = {
  base64: (message) => Buffer.from(message).toString('base64'),
  'base64 for addresses': (message) => Buffer.from(message).toString('base64url'),
  'base64 of UTF-16': (message) => Buffer.from(message, 'utf16le').toString('base64'),
  'base64 of base64': (message) => Buffer.from(Buffer.from(message).toString('base64')).toString('base64'),
  hex: (message) => Buffer.from(message).toString('hex'),
  'hex with blanks': (message) => writeBytes(message, 16, 2, '', ' '),
  'hex of base64': (message) => Buffer.from(Buffer.from(message).toString('base64')).toString('hex'),
  percent: (message) => writeBytes(message, 16, 2, '%'),
  'escaped bytes': (message) => writeBytes(message, 16, 2, '\\x'),
  'escaped characters': (message) => writeBytes(message, 16, 4, '\\u'),
  octal: (message) => writeBytes(message, 8, 3, '\\'),
  entities: (message) => writeBytes(message, 10, 1, '&#', ';'),
  'hex entities': (message) => writeBytes(message, 16, 1, '&#x', ';'),
  numbers: (message) => writeBytes(message, 10, 1, '', ', '),
  binary: (message) => writeBytes(message, 2, 8, '', ' '),
  ROT13: (message) => moveLetters(message, 13),
  'letters shifted by five': (message) => moveLetters(message, 5),
  'turned around': writeBackwards,
};

/** By technique, a message as somebody writes it who does not want people to read it. English letters and blanks only. */
export const HIDING: Readonly<Record<string, Write>> = {
  'tag characters': (message) => moveCodes(message, 0xe0000),
  'variation selectors': (message) => moveCodes(message, 0xe0100 - 0x10),
  'zero-width bits': (message) => writeBytes(message, 2, 8).replaceAll('0', '\u200B').replaceAll('1', '\u200C'),
  'zero-width between letters': (message) => Array.from(message).join('\u200B'),
  'direction override': (message) => `\u202E${writeBackwards(message)}\u202C`,
  'unseen by a terminal': (message) => `\u001B[8m${message}\u001B[28m`,
  'link of a terminal': (message) => `\u001B]8;;https://x.example/${message}\u0007docs\u001B]8;;\u0007`,
  'overwritten line': (message) => `${message}\rAdds two numbers.`,
  'private use': (message) => moveCodes(message, 0xe000),
  'soft hyphens': (message) => Array.from(message).join('\u00AD'),
  'look-alike letters': (message) => message.replaceAll('e', 'е').replaceAll('o', 'о').replaceAll('a', 'а'),
  'mathematical letters': (message) =>
    message.toLowerCase().replaceAll(/[a-z]/g, (letter) => String.fromCodePoint(0x1d41a + letter.charCodeAt(0) - SMALL_A)),
  'full-width letters': (message) => moveCodes(message.replaceAll(' ', ''), 0xfee0),
  'far below': (message) => `${'\n'.repeat(60)}${message}`,
  'comment of HTML': (message) => `<!-- ${message} -->`,
  'comment of Markdown': (message) => `[comment]: <> (${message})`,
  'style that shows nothing': (message) => `<span style="display:none">${message}</span>`,
  'white letters': (message) => `<font color="white">${message}</font>`,
  ...ENCODING,
};

const [CAPITAL_A, SMALL_A, ALPHABET] = [65, 97, 26];

function moveCodes(text: string, by: number): string {
  return Array.from(text, (letter) => String.fromCodePoint(by + letter.charCodeAt(0))).join('');
}

function writeBytes(text: string, radix: number, width: number, before = '', after = ''): string {
  return Array.from(Buffer.from(text), (byte) => `${before}${byte.toString(radix).padStart(width, '0')}${after}`).join('');
}

function moveLetters(text: string, by: number): string {
  return text.replaceAll(/[a-z]/gi, (letter) => {
    const first = letter < 'a' ? CAPITAL_A : SMALL_A;
    return String.fromCharCode(first + ((letter.charCodeAt(0) - first + by) % ALPHABET));
  });
}

function writeBackwards(text: string): string {
  return Array.from(text).reverse().join('');
}
