/** A host name as a resolver takes it: an IPv6 literal without its brackets. */
export function stripBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** The host of an address as a resolver takes it. Throws when it is no URL. */
export function readHostname(url: string): string {
  return stripBrackets(new URL(url).hostname);
}

/** Whether a host, with or without the brackets of an IPv6 literal, is this machine itself under a name that no resolver decides. */
export function isLoopback(host: string): boolean {
  const name = stripBrackets(host);
  return name === 'localhost' || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name);
}
