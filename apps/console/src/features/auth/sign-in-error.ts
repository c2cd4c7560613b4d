/** What a person reads for an `error` of the sign-in route; null without one. */
export function signInSentence(code: string | undefined): string | null {
  switch (code) {
    case undefined:
      return null;
    case 'CredentialsSignin':
      return 'E-mail or password is not right. Check both and try again.';
    case 'RateLimited':
      return 'Too many attempts. Wait 15 minutes, then try again.';
    case 'SessionRequired':
      return 'Sign in to see this page.';
    default:
      return 'Sign-in is not available at the moment. Try again in a minute.';
  }
}
