import type { Credential, OneCredential } from '@gatehouse/policy/documents/snapshot';

import { type CredentialForm, type CredentialRow, EMPTY_CREDENTIAL, EMPTY_ROW } from './credential-form.ts';

/** The form as a stored credential fills it: `toCredential` makes the same credential of it again. */
export function toCredentialForm(credential: Credential | null): CredentialForm {
  if (credential === null) return EMPTY_CREDENTIAL;
  if (credential.kind !== 'several') return { withCredential: true, credentials: [toRow(credential)], headers: [] };
  const { credentials, headers } = credential;
  const isNone = credentials.length === 0;
  return { withCredential: !isNone, credentials: isNone ? [EMPTY_ROW] : credentials.map(toRow), headers };
}

function toRow(one: OneCredential): CredentialRow {
  const row = { ...EMPTY_ROW, reference: one.reference };
  switch (one.kind) {
    case 'header':
      return one.header === 'Authorization' && one.prefix === 'Bearer '
        ? { ...row, credentialKind: 'bearer' }
        : { ...row, credentialKind: 'header', header: one.header, prefix: one.prefix };
    case 'query':
      return { ...row, credentialKind: 'query', parameter: one.parameter };
    case 'basic':
      return { ...row, credentialKind: 'basic', username: one.username };
    case 'client_credentials': {
      const { tokenUrl, clientId, clientAuthentication } = one;
      return {
        ...row,
        credentialKind: 'client_credentials',
        tokenUrl,
        clientId,
        clientAuthentication,
        scope: one.scope ?? '',
      };
    }
  }
}
