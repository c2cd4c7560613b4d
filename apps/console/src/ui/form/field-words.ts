/** "must not be empty" as it stands alone. */
export function toSentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.?!]$/.test(words) ? '' : '.'}`;
}

/** What the console answered about a field, as it is said at that field: "transport.url: must not be empty" needs no path there. */
export function describeAtField(message: string, field: string): string {
  const prefix = `${field}: `;
  return message.startsWith(prefix) ? toSentence(message.slice(prefix.length)) : message;
}
