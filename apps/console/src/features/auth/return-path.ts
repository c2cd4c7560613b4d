/** A base that no link of a person can name; anything that resolves outside of it leaves the console. */
const HERE = 'http://console.invalid';

/** The path to go to after sign-in: `given` when it stays on this console, else "/". */
export function returnPath(given: string | string[] | undefined): string {
  if (typeof given !== 'string' || !URL.canParse(given, HERE)) return '/';
  const target = new URL(given, HERE);
  if (target.origin !== HERE || !given.startsWith('/') || target.pathname === '/login') return '/';
  return target.pathname + target.search;
}
