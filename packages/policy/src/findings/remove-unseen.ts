import { findHiddenText, type HiddenStretch, type HiddenTextRule } from './hidden-text.ts';
import { isShownStyle } from './terminal-commands.ts';

/** What is hidden in a name: it may well have a word of two scripts, or look like a comment. */
const RULES: readonly HiddenTextRule[] = ['tags', 'variation-selectors', 'zero-width', 'direction', 'control'];

/** A command to a terminal as a whole, with the text that it carries. An unfinished one goes as far as a terminal would take it, in bounds. */
const COMMAND = new RegExp(
  [
    '[\\u001B\\u009B]+(?=[\\u001B\\u009B])',
    '(?:\\u001B\\[|\\u009B)[0-?]{0,64}[ -/]{0,8}[@-~]?',
    '(?:\\u001B[\\]PX^_]|[\\u0090\\u0098\\u009D-\\u009F])[^\\u0007\\u001B\\u009C]{0,4096}(?:\\u0007|\\u001B\\\\|\\u009C)?',
    '\\u001B[ -/]{0,4}[0-~]?',
  ].join('|'),
  'gu',
);
/**
 * A text without what a person would not see in it as a model reads it, each single character included: for names and reasons, which nobody reads for that. What
 * a server answers goes through `removeHiddenText`, which takes out less.
 */
export function removeUnseen(text: string): string {
  let [clean, position] = ['', 0];
  for (const { start, end } of mergeStretches([...findHiddenText(text, RULES), ...findCommands(text)])) {
    clean += text.slice(position, start) + (isBetweenHalves(text, start, end) ? '\uFFFD' : '');
    position = end;
  }
  return clean + text.slice(position);
}

/** Whether two halves would become one character, which could be a hidden one, when nothing stands between them any more. */
function isBetweenHalves(text: string, start: number, end: number): boolean {
  const [before, behind] = [text.charCodeAt(start - 1), text.charCodeAt(end)];
  return before >= 0xd800 && before < 0xdc00 && behind >= 0xdc00 && behind < 0xe000;
}

function findCommands(text: string): HiddenStretch[] {
  return Array.from(text.matchAll(COMMAND))
    .filter(([command]) => !(command.startsWith('\u001B') && isShownStyle(command)))
    .map(({ index, 0: command }) => ({ start: index, end: index + command.length, rule: 'terminal' }));
}

/** Stretches that touch are one, so that a tag for each letter leaves one mark. */
function mergeStretches(found: HiddenStretch[]): HiddenStretch[] {
  const merged: HiddenStretch[] = [];
  for (const stretch of found.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && stretch.start <= last.end) last.end = Math.max(last.end, stretch.end);
    else merged.push({ ...stretch });
  }
  return merged;
}
