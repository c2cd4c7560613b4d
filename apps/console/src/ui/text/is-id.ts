/** Whether a text is the id of something, which says nothing to a reader. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(text);
}
