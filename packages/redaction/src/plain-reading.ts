import { readUnit } from './plain-text.ts';
import type { Span } from './span.ts';

/** What is written in another way than it is read: an escape of a URL, of HTML, JSON or C, a terminal's command, a character that is not seen or stands for another. */
const WRITTEN_OTHERWISE = new RegExp(
  [
    '%[\\da-f]{2}',
    '&(?:#|[a-z]{2,8};)',
    '\\\\(?:u(?:[\\da-f]{4}|\\{)|x[\\da-f]{2}|[0-3][0-7]{2})',
    '[\\u001B\\u009B\\u2800\\uFF01-\\uFF5E\\p{Cf}\\p{Default_Ignorable_Code_Point}]',
    '[\\u{1D400}-\\u{1D7FF}]',
  ].join('|'),
  'iu',
);

/** A text as it is read, and where each of its characters begins and ends in the text as it is written. */
interface Reading {
  text: string;
  starts: number[];
  ends: number[];
}

/** What a detector finds in a text, and in the text as it is read where that is another one: an address in a URL, a token with what is not seen in between. */
export function findInPlain(text: string, detect: (text: string) => Span[]): Span[] {
  const found = detect(text);
  if (!WRITTEN_OTHERWISE.test(text)) return found;
  const { text: plain, starts, ends } = readPlain(text);
  if (plain === text) return found;
  const behind = detect(plain).map(({ start, end, rule }) => ({
    start: starts[start] ?? text.length,
    end: ends[end - 1] ?? text.length,
    rule,
  }));
  return [...found, ...behind];
}

function readPlain(text: string): Reading {
  const [starts, ends]: [number[], number[]] = [[], []];
  let plain = '';
  for (let index = 0; index < text.length;) {
    const unit = readUnit(text, index);
    const read = unit.text === '' ? readNothing(text, index, unit.isBreak) : unit.text;
    for (let letter = 0; letter < read.length; letter += 1) {
      starts.push(index);
      ends.push(unit.end);
    }
    plain += read;
    index = unit.end;
  }
  return { text: plain, starts, ends };
}

/** What stands in two lines, or in two folders of a path, is two things, other than for a credential that is known. */
function readNothing(text: string, index: number, isBreak: boolean): string {
  if (isBreak) return '\n';
  return text.charAt(index) === '\\' ? '\\' : '';
}
