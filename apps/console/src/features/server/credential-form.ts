import {
  BasicCredential,
  ClientCredentials,
  type Credential,
  HeaderCredential,
  SecretReference,
} from '@gatehouse/policy/documents/snapshot';

/** `bearer` is the header credential that nearly everybody means: Authorization: Bearer <secret>. */
export type CredentialKind = 'bearer' | 'header' | 'basic' | 'client_credentials';

/** What stands in the fields of a credential. Switching the kind keeps everything that was typed. */
export interface CredentialForm {
  withCredential: boolean;
  credentialKind: CredentialKind;
  header: string;
  prefix: string;
  username: string;
  tokenUrl: string;
  clientId: string;
  scope: string;
  clientAuthentication: ClientCredentials['clientAuthentication'];
  /** place of the secret on the agent's machine */
  reference: string;
}

export const EMPTY_CREDENTIAL: CredentialForm = {
  withCredential: false,
  credentialKind: 'bearer',
  header: 'X-Api-Key',
  prefix: '',
  username: '',
  tokenUrl: '',
  clientId: '',
  scope: '',
  clientAuthentication: 'basic',
  reference: '',
};

export type CredentialProblems = Partial<Record<keyof CredentialForm, string>>;

/** What is still missing or wrong, per field; nothing when no credential is wanted. */
export function credentialProblems(form: CredentialForm): CredentialProblems {
  const problems: CredentialProblems = {};
  if (!form.withCredential) return problems;
  if (!SecretReference.safeParse(form.reference).success) problems.reference = referenceProblem(form.reference);
  if (form.credentialKind === 'header' && !HeaderCredential.shape.header.safeParse(form.header).success) {
    problems.header = 'Letters, digits and hyphens.';
  }
  if (form.credentialKind === 'basic' && !BasicCredential.shape.username.safeParse(form.username).success) {
    problems.username = 'Enter the user name; it holds no colon.';
  }
  if (form.credentialKind === 'client_credentials') {
    const { tokenUrl, clientId } = ClientCredentials.shape;
    if (!tokenUrl.safeParse(form.tokenUrl).success) problems.tokenUrl = 'Enter a complete URL: https://login.example.com/token';
    if (!clientId.safeParse(form.clientId).success) problems.clientId = 'Enter the client id that the server knows.';
  }
  return problems;
}

function referenceProblem(reference: string): string {
  if (reference === '') return 'Name the place: env:NAME or file:/absolute/path.';
  if (/^[A-Za-z0-9+/_.=-]{16,}$/.test(reference)) {
    return 'This looks like the secret itself. Put it on the machine of the agent, and enter only its place here.';
  }
  return 'Use env:NAME or file:/absolute/path on the machine of the agent.';
}

/** The credential to register; call it only when there are no problems. */
export function credentialOf(form: CredentialForm): Credential | null {
  const { reference } = form;
  if (!form.withCredential) return null;
  switch (form.credentialKind) {
    case 'bearer':
      return { kind: 'header', header: 'Authorization', prefix: 'Bearer ', reference };
    case 'header':
      return { kind: 'header', header: form.header, prefix: form.prefix, reference };
    case 'basic':
      return { kind: 'basic', username: form.username, reference };
    case 'client_credentials': {
      const { tokenUrl, clientId, clientAuthentication } = form;
      const scope = form.scope.trim() === '' ? null : form.scope.trim();
      return { kind: 'client_credentials', tokenUrl, clientId, reference, scope, clientAuthentication };
    }
  }
}

/** "Bearer token": the kind of a stored credential. */
export function credentialWord(credential: Credential | null): string {
  switch (credential?.kind) {
    case undefined:
      return 'None';
    case 'header':
      return isBearer(credential) ? 'Bearer token' : 'Header';
    case 'basic':
      return 'Basic';
    case 'client_credentials':
      return 'OAuth client credentials';
  }
}

function isBearer({ header, prefix }: HeaderCredential): boolean {
  return header.toLowerCase() === 'authorization' && prefix.trim().toLowerCase() === 'bearer';
}

/** "Authorization: Bearer <env:TOKEN>": what is sent, with the place of the secret instead of the secret. */
export function credentialLine(credential: Credential): string {
  switch (credential.kind) {
    case 'header':
      return `${credential.header}: ${credential.prefix}<${credential.reference}>`;
    case 'basic':
      return `${credential.username}:<${credential.reference}>`;
    case 'client_credentials':
      return `${credential.clientId}:<${credential.reference}> at ${credential.tokenUrl}`;
  }
}
