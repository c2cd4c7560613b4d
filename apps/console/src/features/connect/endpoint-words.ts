/** Why there is no address to copy, and who can change that; `siteName`: of the site that was chosen. */
export function describeMissingEndpoint(siteName: string | undefined, mayRunAgents: boolean): string {
  const place = siteName === undefined ? 'a site of this profile' : `the site ${siteName}`;
  const who = mayRunAgents
    ? 'Run one, or connect the one that is there.'
    : 'An admin of your workspace runs it; there is nothing for you to do until then.';
  return `There is no address now, because no agent at ${place} serves it. ${who} This page updates by itself.`;
}

/** The one to send people to: with an address, and heard of where there is such a one. */
export function findUsable<Endpoint extends { url: string | null; isHeard: boolean }>(
  endpoints: readonly Endpoint[],
): Endpoint | undefined {
  const reached = endpoints.filter(({ url }) => url !== null);
  return reached.find(({ isHeard }) => isHeard) ?? reached[0];
}

/** Of an address that there is: that nobody knows here whether it is served; null: an agent there is heard of. */
export function describeSilence({ siteName, isHeard }: { siteName: string; isHeard: boolean }): string | null {
  if (isHeard) return null;
  return `No agent at the site ${siteName} is heard of here now. One that runs all the same goes on to serve this address; where none does, your client cannot connect.`;
}
