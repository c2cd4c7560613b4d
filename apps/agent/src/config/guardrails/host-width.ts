/** Ends of names that no public name has: RFC 6761, RFC 6762 appendix G and what ICANN keeps free. */
const PRIVATE_ENDS = new Set([
  'corp',
  'example',
  'home',
  'internal',
  'intranet',
  'invalid',
  'lan',
  'local',
  'localhost',
  'private',
  'test',
]);

/** Domains of clouds in which customers get hosts. The public suffix list names only what lies deeper, as s3.amazonaws.com. */
const CLOUDS = new Set([
  'amazonaws.com',
  'amazonaws.com.cn',
  'on.aws',
  'windows.net',
  'core.windows.net',
  'azure.com',
  'cloudapp.azure.com',
]);

/**
 * Why a pattern of hosts (docs/decisions/0026-how-wide-a-host-may-be.md) stands for hosts of everybody, and what to write instead; null when it does not.
 * `ownDomains`: what the site says is all its own.
 */
export async function findWidthProblem(pattern: string, ownDomains: readonly string[]): Promise<string | null> {
  const [, domain] = /^\*\.(.+?)(?::\d+)?$/.exec(pattern.toLowerCase()) ?? [];
  if (domain === undefined || PRIVATE_ENDS.has(domain) || ownDomains.some((own) => own.toLowerCase() === domain)) return null;
  if (!CLOUDS.has(domain) && !(await isPublicSuffix(domain))) return null;
  return `means every host below .${domain}, whoever registers or rents it: name each host or a domain of your own, as *.corp.${domain}; if all of ${domain} is yours, name it under http.ownDomains`;
}

/** Whether anybody may register or rent names directly below: by the list that browsers go by, with the domains of hosting companies. */
async function isPublicSuffix(domain: string): Promise<boolean> {
  // five megabytes of memory, for those who have a wildcard
  const { getPublicSuffix } = await import('tldts');
  return getPublicSuffix(domain, { allowPrivateDomains: true, extractHostname: false, validateHostname: false }) === domain;
}
