/** What a person reads when the browser has not made a passkey, or not signed with one. */
export function describePasskeyProblem(error: unknown): string {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'AbortError':
      return 'The browser stopped before it was done: it was cancelled, took too long, or has no passkey for this console.';
    case 'InvalidStateError':
      return 'This device or password manager has a passkey for your account already.';
    case 'NotSupportedError':
      return 'This browser cannot make the kind of passkey that is needed: one that asks for a PIN, a finger or a face.';
    default:
      return 'The browser could not use a passkey here. Try another browser, or sign in with your password.';
  }
}
