/** What is known of a page that failed while it was made: no more than that, and the reference under which the cause stands in the log. */
export function describeFailure({ digest = 'unknown' }: { digest?: string }): string {
  return `Something in the page itself failed. What was saved before it is saved. If it stays, give support the reference ${digest} and the time.`;
}
