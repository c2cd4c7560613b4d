import { z } from 'zod';

import { isCredentialHeader } from '@gatehouse/policy/documents/rest-operation';
import {
  BasicCredential,
  ClientCredentials,
  type Credential,
  HeaderCredential,
  SecretReference,
} from '@gatehouse/policy/documents/snapshot';

/** Fields of a credential, for the forms that ask for one. Switching the kind keeps everything that was typed. */
export const CREDENTIAL_FIELDS = {
  withCredential: z.boolean(),
  /** `bearer` is the header credential that nearly everybody means: Authorization: Bearer <secret> */
  credentialKind: z.enum(['bearer', 'header', 'basic', 'client_credentials']),
  header: z.string().trim(),
  prefix: z.string(),
  username: z.string(),
  tokenUrl: z.string().trim(),
  clientId: z.string().trim(),
  scope: z.string().trim(),
  clientAuthentication: ClientCredentials.shape.clientAuthentication,
  /** place of the secret on the agent's machine */
  reference: z.string().trim(),
};
export type CredentialForm = z.infer<z.ZodObject<typeof CREDENTIAL_FIELDS>>;
export type CredentialKind = CredentialForm['credentialKind'];

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

/** Adds what is still missing or wrong of a credential, by its kind; nothing when no credential is wanted. */
export function checkCredential(form: CredentialForm, context: z.RefinementCtx): void {
  const expect = (field: keyof CredentialForm, schema: z.ZodType, message: string): void => {
    if (!schema.safeParse(form[field]).success) context.addIssue({ code: 'custom', path: [field], message });
  };
  if (!form.withCredential) return;
  expect('reference', SecretReference, describeReferenceProblem(form.reference));
  switch (form.credentialKind) {
    case 'bearer':
      return;
    case 'header':
      expect('header', HeaderCredential.shape.header, 'Letters, digits and hyphens.');
      return expect(
        'header',
        OTHER_HEADER,
        'The agent itself sends this header. Name the one that the server reads the credential from.',
      );
    case 'basic':
      return expect('username', BasicCredential.shape.username, 'Enter the user name; it holds no colon.');
    case 'client_credentials': {
      const { tokenUrl, clientId } = ClientCredentials.shape;
      expect('tokenUrl', tokenUrl, 'Enter a complete URL: https://login.example.com/token');
      expect('clientId', clientId, 'Enter the client id that the server knows.');
    }
  }
}

const OTHER_HEADER = z.string().refine(isCredentialHeader);

function describeReferenceProblem(reference: string): string {
  if (reference === '') return 'Name the place: env:SECRET_NAME or file:/absolute/path.';
  if (/^[A-Za-z0-9+/_.=-]{16,}$/.test(reference)) {
    return 'This looks like the secret itself. Put it on the machine of the agent, and enter only its place here.';
  }
  return 'Use env:SECRET_NAME or file:/absolute/path, as the machine of the agent offers it.';
}

/** The credential to register; call it only for a form that was checked. */
export function toCredential(form: CredentialForm): Credential | null {
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
      const scope = form.scope.trim() || null;
      return { kind: 'client_credentials', tokenUrl, clientId, reference, scope, clientAuthentication };
    }
  }
}

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
      return credential.credentials.map(describeCredentialKind).join(', ') || 'Fixed headers';
  }
}

function isBearer({ header, prefix }: HeaderCredential): boolean {
  return header.toLowerCase() === 'authorization' && prefix.trim().toLowerCase() === 'bearer';
}

/** "Authorization: Bearer <env:TOKEN>": what is sent, with the place of the secret instead of the secret. */
export function formatCredential(credential: Credential): string {
  switch (credential.kind) {
    case 'header':
      return `${credential.header}: ${credential.prefix}<${credential.reference}>`;
    case 'basic':
      return `${credential.username}:<${credential.reference}>`;
    case 'client_credentials':
      return `${credential.clientId}:<${credential.reference}> at ${credential.tokenUrl}`;
    case 'query':
      return `?${credential.parameter}=<${credential.reference}>`;
    case 'several':
      return [
        ...credential.credentials.map(formatCredential),
        ...credential.headers.map(({ name, value }) => `${name}: ${value}`),
      ].join('; ');
  }
}
