import type { CredentialRow } from './credential-form.ts';

const SECRETS = '/etc/gatehouse-agent/secrets';

/** What to write on the agent's machine so that it offers these credentials to the server at `url`: one text to copy. Only places, no value. */
export function writeOffers(
  rows: readonly Pick<CredentialRow, 'reference' | 'credentialKind' | 'tokenUrl'>[],
  url: string | null,
): string {
  const server = readOrigin(url) ?? 'https://api.example.com';
  const origins = new Map<string, Set<string>>();
  for (const { reference, credentialKind, tokenUrl } of rows) {
    const token = credentialKind === 'client_credentials' ? readOrigin(tokenUrl) : null;
    const held = origins.get(reference) ?? new Set();
    for (const origin of token === null ? [server] : [token, server]) held.add(origin);
    origins.set(reference, held);
  }
  return [...origins].map(([reference, to]) => writeOffer(reference, [...to])).join('\n\n');
}

function writeOffer(reference: string, origins: readonly string[]): string {
  const place = reference.slice(reference.indexOf(':') + 1);
  if (reference === '') {
    const [origin = ''] = origins;
    return `# agent.env; reference env:SECRET_NAME\nSECRET_NAME=<the secret>\nSECRET_NAME_ORIGIN=${origins.join(',')}\n\n# or a file; reference file:${SECRETS}/${new URL(origin).host}/name\n${SECRETS}/${new URL(origin).host}/name`;
  }
  if (reference.startsWith('env:SECRET_')) return `# agent.env\n${place}=<the secret>\n${place}_ORIGIN=${origins.join(',')}`;
  const [first = '', ...others] = origins.map((origin) => new URL(origin));
  if (first !== '' && others.length === 0 && first.protocol === 'https:' && place.startsWith(`${SECRETS}/${first.host}/`)) {
    return `# a file that holds the secret alone\n${place}`;
  }
  const named = origins.map((origin) => `'${origin}'`).join(', ');
  return `# guardrails.yaml\ncredentials:\n  - reference: ${reference}\n    origins: [${named}]`;
}

function readOrigin(url: string | null): string | null {
  const parsed = url === null ? null : URL.parse(url);
  return parsed?.protocol === 'https:' || parsed?.protocol === 'http:' ? parsed.origin : null;
}
