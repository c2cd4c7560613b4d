/** Whether an HTTP header can carry the text: printable ASCII and tabs, so no line break starts another header. */
export function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(text);
}
