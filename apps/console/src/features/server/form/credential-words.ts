import { type Credential, type HeaderCredential, listCredentials } from '@gatehouse/policy/documents/snapshot';

/** "Bearer token": the kind of a stored credential. */
export function describeCredentialKind(credential: Credential | null): string {
  switch (credential?.kind) {
    case undefined:
      return 'None';
    case 'header':
      return isBearer(credential) ? 'Bearer token' : 'Header';
    case 'basic':
      return 'Basic';
    case 'client_credentials':
      return 'OAuth client credentials';
    case 'query':
      return 'Query parameter';
    case 'several':
      return credential.credentials.map(describeCredentialKind).join(', ') || 'None';
  }
}

function isBearer({ header, prefix }: HeaderCredential): boolean {
  return header.toLowerCase() === 'authorization' && prefix.trim().toLowerCase() === 'bearer';
}

/** "Authorization: Bearer <env:TOKEN>": each secret that is sent, with its place instead of the secret. */
export function listCredentialLines(credential: Credential | null): string[] {
  return listCredentials(credential).map((one) => {
    switch (one.kind) {
      case 'header':
        return `${one.header}: ${one.prefix}<${one.reference}>`;
      case 'basic':
        return `${one.username}:<${one.reference}>`;
      case 'client_credentials':
        return `${one.clientId}:<${one.reference}> at ${one.tokenUrl}${one.scope === null ? '' : ` for ${one.scope}`}`;
      case 'query':
        return `?${one.parameter}=<${one.reference}>`;
    }
  });
}

/** "X-Org: acme": each header that is no secret. */
export function listHeaderLines(credential: Credential | null): string[] {
  return credential?.kind === 'several' ? credential.headers.map(({ name, value }) => `${name}: ${value}`) : [];
}
