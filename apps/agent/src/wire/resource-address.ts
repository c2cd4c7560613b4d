/**
 * Whether news of `updated` are news of `subscribed`: of the same address, or of one below it. Servers may report a part of what was
 * subscribed to, as a file of a folder. `file:///notes` does not cover `file:///notes-2`.
 */
export function coversResource(subscribed: string, updated: string): boolean {
  if (!updated.startsWith(subscribed)) return false;
  return updated.length === subscribed.length || subscribed.endsWith('/') || updated[subscribed.length] === '/';
}
