import type { HiddenUnits } from './hidden-units.ts';

/** What begins a command to a terminal: escape, and its relatives of eight bits. */
export const TERMINAL_STARTS = '\\u001B\\u0090\\u0098\\u009B\\u009D-\\u009F';
const STARTS = new RegExp(`[${TERMINAL_STARTS}]`);

/**
 * A command to a terminal as a whole, with the text that it carries. An unfinished one goes as far as a terminal would take it, in bounds. Those of eight bits
 * that carry text have to end, and not to stand behind what UTF-8 that was read as another encoding leaves: there every other quotation mark is one.
 */
const COMMAND = new RegExp(
  [
    '(?:\\u001B\\[|\\u009B)[0-?]{0,64}[ -/]{0,8}[@-~]?',
    '\\u001B[\\]PX^_][^\\u0007\\u001B\\u009C]{0,4096}(?:\\u0007|\\u001B\\\\|\\u009C)?',
    '(?<![\\u0080-\\u00FF\\u20AC])[\\u0090\\u0098\\u009D-\\u009F][^\\u0007\\u001B\\n\\u0090\\u0098\\u009C-\\u009F]{0,4096}(?:\\u0007|\\u001B\\\\|\\u009C)',
    '\\u001B[ -/]{0,4}[0-~]?',
  ].join('|'),
  'gu',
);
/** Of seven bits and of eight, and what ends a text that a command carries. */
const [CSI, OSC, END] = ['(?:\\u001B\\[|\\u009B)', '(?:\\u001B\\]|\\u009D)', '(?:\\u0007|\\u001B\\\\|\\u009C)'];
const write = (...parts: string[]) => new RegExp(`^(?:${parts.join('')})$`, 'i');
/** Colours and the weight of letters, among which only number 8 makes letters unseen; within a colour it is a shade. */
const STYLE = write(CSI, '([\\d;:]{0,64})m');
const COLOUR = /[345]8[;:](?:5[;:]\d{1,3}|2(?:[;:]\d{0,3}){3,5})/g;
/** What takes back a line, and what takes back all that was shown. */
const ERASES_LINE = write(CSI, '[12]K');
const ERASES_ALL = write(CSI, '(?:[1-3]J|\\?(?:47|1047|1049)l)|\\u001Bc');
const CARRIES_TEXT = new RegExp(['^(?:\\u001B[\\]PX^_]', '[\\u0090\\u0098\\u009D-\\u009F])'].join('|'));
/** The link of a letter, an address as people write them: its parts are no longer than a checksum. Without an address it ends the one before. */
const LINK = write(OSC, '8;[\\w=:;-]{0,64};(?:[a-z][\\w+.-]{1,20}:[!-~]{1,512})?', END);
const LONG_PART = /[^/?&=#.:]{41}/;
/** Where a prompt and an output begin, and how far something has come. */
const PROGRESS = write(OSC, '(?:133;[A-D](?:;\\d{0,3})?|9;4;\\d(?:;\\d{0,3})?)', END);
/** Fewer words than a message has: a line of progress may be taken back. */
const MOST_WORDS = 5;

/** Notes commands to a terminal that hide text: that carry it, make it unseen, or take back a line or a screen with a message's worth of words. */
export function noteTerminalCommands(text: string, hidden: HiddenUnits): void {
  if (!STARTS.test(text)) return;
  const shown = new ShownWords(text);
  for (const { index, 0: command } of text.matchAll(COMMAND)) {
    shown.readTo(index);
    const isHiding = takesBack(command, shown) || isUnseenStyle(command) || (CARRIES_TEXT.test(command) && !isHarmless(command));
    shown.skipTo(index + command.length);
    if (isHiding) hidden.add(index, index + command.length, 'terminal');
  }
}

function takesBack(command: string, shown: ShownWords): boolean {
  if (ERASES_LINE.test(command)) return shown.takeLine() >= MOST_WORDS;
  return ERASES_ALL.test(command) && shown.takeAll() >= MOST_WORDS;
}

function isUnseenStyle(command: string): boolean {
  return readStyle(command)?.includes(UNSEEN_STYLE) === true;
}

const UNSEEN_STYLE = 8;

/** The numbers of a command for the look of letters but for those of colours; null of any other command. */
function readStyle(command: string): number[] | null {
  const numbers = STYLE.exec(command)?.[1];
  return numbers === undefined ? null : numbers.replaceAll(COLOUR, '').split(/[;:]/).map(Number);
}

/** Whether a command gives letters a colour or a weight, and does not make them unseen. */
export function isShownStyle(command: string): boolean {
  return readStyle(command)?.includes(UNSEEN_STYLE) === false;
}

function isHarmless(command: string): boolean {
  return PROGRESS.test(command) || (LINK.test(command) && !LONG_PART.test(command));
}

const [NONE, WORD] = [0, 2] as const;

/** Counts the words of a text that stand on the line and on the screen. What is read once is not read again. */
class ShownWords {
  readonly #text: string;
  #at = 0;
  #line = 0;
  #all = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readTo(end: number): void {
    let letters: number = NONE;
    for (; this.#at < end; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x0a) this.#line = 0;
      const isLetter = (code > 0x40 && code < 0x5b) || (code > 0x60 && code < 0x7b) || code > 0xbf;
      letters = isLetter ? Math.min(letters + 1, WORD + 1) : NONE;
      if (letters !== WORD) continue;
      this.#line += 1;
      this.#all += 1;
    }
  }

  skipTo(end: number): void {
    this.#at = end;
  }

  takeLine(): number {
    const words = this.#line;
    this.#line = 0;
    return words;
  }

  takeAll(): number {
    const words = this.#all;
    [this.#line, this.#all] = [0, 0];
    return words;
  }
}
