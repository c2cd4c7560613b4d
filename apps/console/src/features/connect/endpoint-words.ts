/** Why there is no address to copy, and who can change that; `siteName`: of the site that was chosen. */
export function describeMissingEndpoint(siteName: string | undefined, mayRunAgents: boolean): string {
  const place = siteName === undefined ? 'a site of this profile' : `the site ${siteName}`;
  const who = mayRunAgents
    ? 'Run one, or connect the one that is there.'
    : 'An admin of your workspace runs it; there is nothing for you to do until then.';
  return `There is no address now, because no agent at ${place} serves it. ${who} This page updates by itself.`;
}
