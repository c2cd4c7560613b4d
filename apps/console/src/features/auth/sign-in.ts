/** A base that no link of a person can name; anything that resolves outside of it leaves the console. */
const HERE = 'http://console.invalid';

/** The path to go to after sign-in: `given` when it stays on this console, else "/". */
export function getReturnPath(given: string | string[] | undefined): string {
  if (typeof given !== 'string' || !URL.canParse(given, HERE)) return '/';
  const target = new URL(given, HERE);
  if (target.origin !== HERE || !given.startsWith('/') || target.pathname === '/login') return '/';
  return target.pathname + target.search;
}

/** The workspace to which this browser signed in last: in a cookie, so that the sign-in page comes with it. */
export const LAST_WORKSPACE = 'gatehouse-workspace';

/** Where to go after a sign-in to this workspace: on the way that was asked for, unless it leads into another one or nowhere yet. */
export function getDestination(next: string, workspace: string | undefined): string {
  const asked = findWorkspace(next);
  if (workspace === undefined || asked === workspace) return next;
  return asked !== undefined || next === '/' ? `/t/${workspace}` : next;
}

/** The workspace that a path of this console leads into: several may know a person by one address. Undefined outside of any. */
export function findWorkspace(path: string): string | undefined {
  return /^\/t\/([a-z0-9-]+)/.exec(path)?.[1];
}

/** What a person reads for an `error` of the sign-in route; null without one. */
export function describeSignInError(code: string | undefined): string | null {
  switch (code) {
    case undefined:
      return null;
    case 'CredentialsSignin':
      return 'E-mail or password is not right for this workspace. Check them and try again.';
    case 'RateLimited':
      return 'Too many attempts. Wait 15 minutes, then try again.';
    case 'CodeDue':
      return 'Your account asks for a code too. Sign in with your password, then enter the code.';
    case 'CodeWrong':
      return 'This code is not right, or it was used before. Wait for the next one and enter that.';
    case 'PasskeyRefused':
      return 'This passkey opens no account here. Sign in with your password.';
    case 'SessionRequired':
      return 'Sign in to see this page.';
    default:
      return 'Sign-in is not available at the moment. Try again in a minute.';
  }
}
