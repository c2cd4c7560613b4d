import { stripBrackets } from '@gatehouse/network/hostname';
import { ServerTransport } from '@gatehouse/policy/documents/snapshot';
import { redactMachineName } from '@gatehouse/redaction/machine-name';
import { createRedactor } from '@gatehouse/redaction/redact';

import { toStorableText } from './storable.ts';

const redactor = createRedactor({ secrets: [] });

/**
 * An agent's free text, fit to be stored, logged and shown. The agent has removed the credentials that it holds, if it is honest and new enough; the
 * control plane knows none of them and can only look for patterns.
 */
export function redactText(text: string): string {
  return toStorableText(redactor.redact(text).text);
}

/** The same for texts about servers. The hosts that their transports name are kept: whoever reads this has configured them. */
export function createServerTextRedactor(...transports: readonly unknown[]): (text: string) => string {
  const keeping = createRedactor({ secrets: [], known: transports.flatMap(listHosts) });
  return (text) => toStorableText(keeping.redact(text).text);
}

/** What an agent says of its program and machine. */
export function redactFacts(facts: { agentVersion: string; hostname: string; platform: string }) {
  const { agentVersion, hostname, platform } = facts;
  return {
    agentVersion: redactText(agentVersion),
    hostname: toStorableText(redactMachineName(hostname)),
    platform: redactText(platform),
  };
}

function listHosts(stored: unknown): string[] {
  const { data: transport } = ServerTransport.safeParse(stored);
  if (transport === undefined || transport.kind === 'stdio') return [];
  const urls = [transport.kind === 'http' ? transport.url : transport.baseUrl];
  if (transport.credential?.kind === 'client_credentials') urls.push(transport.credential.tokenUrl);
  // as detectors find an IPv6 address
  return urls.map((url) => stripBrackets(new URL(url).hostname));
}
