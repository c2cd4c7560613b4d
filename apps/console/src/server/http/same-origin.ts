/** True when the request was made by a page of this console. Browsers send Origin with every POST; a missing one is refused. */
export function isSameOrigin(headers: Headers, consoleUrl: string): boolean {
  const origin = headers.get('origin');
  return origin !== null && origin === new URL(consoleUrl).origin;
}
