/** One line for a terminal: names and errors come from elsewhere, and nothing in them may steer it or look like another line. */
export function makePrintable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '?');
}
