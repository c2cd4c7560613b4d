import { readHostname } from '@gatehouse/network/hostname';
import { listTransportUrls, ServerTransport } from '@gatehouse/policy/documents/snapshot';
import { redactMachineName } from '@gatehouse/redaction/machine-name';
import { createRedactor } from '@gatehouse/redaction/redact';

import { toStorableText } from './storable.ts';

const redactor = createRedactor({ secrets: [] });

/**
 * An agent's free text, fit to be stored, logged and shown. The agent has removed the credentials that it holds and looked for the same patterns, if
 * it is honest and new enough: this is the second look, which takes nobody's word for the first.
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
  return transport ? listTransportUrls(transport).map(readHostname) : [];
}
