import { ServerTransport } from '@gatehouse/policy/documents/snapshot';
import { createRedactor } from '@gatehouse/redaction/redact';

import { toStorableText } from '../storable.ts';

/**
 * An agent's free text about a server, fit to be stored and shown. The agent has removed the credentials that it holds; the control plane knows
 * none of them and can only look for patterns. The hosts that the server's transport names are kept: whoever reads this has configured them.
 */
export function redactText(text: string, transport: unknown): string {
  const redactor = createRedactor({ secrets: [], known: listHosts(transport) });
  return toStorableText(redactor.redact(text).text);
}

function listHosts(stored: unknown): string[] {
  const { data: transport } = ServerTransport.safeParse(stored);
  if (transport === undefined || transport.kind === 'stdio') return [];
  const urls = [transport.kind === 'http' ? transport.url : transport.baseUrl];
  if (transport.credential?.kind === 'client_credentials') urls.push(transport.credential.tokenUrl);
  // An IPv6 address without its brackets, as detectors find it.
  return urls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''));
}
