import { z } from 'zod';

import { isCredentialHeader } from '@gatehouse/policy/documents/rest-operation';
import {
  BasicCredential,
  ClientCredentials,
  type Credential,
  type CredentialPlace,
  FixedHeader,
  getCredentialPlace,
  HeaderCredential,
  type OneCredential,
  QueryCredential,
  SecretReference,
  toPlaceName,
} from '@gatehouse/policy/documents/snapshot';
import { isSecretSetting } from '@gatehouse/redaction/secret-setting';

/** One secret of a server. Switching the kind keeps everything that was typed. */
const CredentialRow = z.object({
  /** `bearer` is the header credential that nearly everybody means: Authorization: Bearer <secret> */
  credentialKind: z.enum(['bearer', 'header', 'query', 'basic', 'client_credentials']),
  header: z.string().trim(),
  prefix: z.string(),
  parameter: z.string().trim(),
  username: z.string(),
  tokenUrl: z.string().trim(),
  clientId: z.string().trim(),
  scope: z.string().trim(),
  clientAuthentication: ClientCredentials.shape.clientAuthentication.unwrap(),
  /** place of the secret on the agent's machine */
  reference: z.string().trim(),
});
export type CredentialRow = z.infer<typeof CredentialRow>;
export type CredentialKind = CredentialRow['credentialKind'];

const HeaderRow = z.object({ name: z.string().trim(), value: z.string().trim() });
export type HeaderRow = z.infer<typeof HeaderRow>;

/** Fields of what a server is sent beside its requests, for the forms that ask for it. */
export const CREDENTIAL_FIELDS = {
  withCredential: z.boolean(),
  credentials: z.array(CredentialRow),
  /** headers that are no secret */
  headers: z.array(HeaderRow),
};
export type CredentialForm = z.infer<z.ZodObject<typeof CREDENTIAL_FIELDS>>;

export const EMPTY_ROW: CredentialRow = {
  credentialKind: 'bearer',
  header: 'X-Api-Key',
  prefix: '',
  parameter: 'api_key',
  username: '',
  tokenUrl: '',
  clientId: '',
  scope: '',
  clientAuthentication: 'basic',
  reference: '',
};
export const EMPTY_CREDENTIAL: CredentialForm = { withCredential: false, credentials: [EMPTY_ROW], headers: [] };

type Report = (field: string, message: string) => void;

/** Adds what is still missing or wrong, by kind; nothing of credentials when none is wanted. */
export function checkCredential(form: CredentialForm, context: z.RefinementCtx): void {
  const reportAt =
    (list: 'credentials' | 'headers', index: number): Report =>
    (field, message) =>
      context.addIssue({ code: 'custom', path: [list, index, field], message });
  const taken = new Set<string>();
  const take = (at: CredentialPlace, field: string, report: Report): void => {
    const place = toPlaceName(at);
    if (taken.has(place)) report(field, 'Something else is sent there already. A request carries one value in each place.');
    taken.add(place);
  };
  if (form.withCredential) {
    for (const [index, row] of form.credentials.entries()) {
      const report = reportAt('credentials', index);
      checkRow(row, report);
      take(getCredentialPlace(toOneCredential(row)), PLACE_FIELD[row.credentialKind], report);
    }
  }
  for (const [index, row] of form.headers.entries()) {
    const report = reportAt('headers', index);
    checkHeader(row, report);
    take({ in: 'header', name: row.name }, 'name', report);
  }
}

/** The field that says where a secret is sent. */
const PLACE_FIELD = {
  bearer: 'credentialKind',
  header: 'header',
  query: 'parameter',
  basic: 'credentialKind',
  client_credentials: 'credentialKind',
} as const satisfies Record<CredentialKind, keyof CredentialRow>;

function checkRow(row: CredentialRow, report: Report): void {
  const expect = (field: keyof CredentialRow, schema: z.ZodType, message: string): void => {
    if (!schema.safeParse(row[field]).success) report(field, message);
  };
  expect('reference', SecretReference, describeReferenceProblem(row.reference));
  switch (row.credentialKind) {
    case 'bearer':
      return;
    case 'header':
      expect('header', HeaderCredential.shape.header, 'Letters, digits, hyphens, underscores and dots.');
      expect(
        'header',
        OTHER_HEADER,
        'The agent itself sends this header, or none. Name the one that the server reads the credential from.',
      );
      expect(
        'prefix',
        PREFIX,
        'Only what stands before the secret, as "Token ", in plain letters. The secret itself belongs on the machine of the agent.',
      );
      return;
    case 'query':
      return expect('parameter', QueryCredential.shape.parameter, 'Letters, digits, and . _ ~ - only.');
    case 'basic':
      return expect('username', BasicCredential.shape.username, 'Enter the user name; it holds no colon.');
    case 'client_credentials': {
      const { tokenUrl, clientId } = ClientCredentials.shape;
      expect('tokenUrl', tokenUrl, 'Enter a complete URL: https://login.example.com/token');
      expect('clientId', clientId, 'Enter the client id that the server knows.');
    }
  }
}

function checkHeader(row: HeaderRow, report: Report): void {
  const { name, value } = FixedHeader.shape;
  const named = name.safeParse(row.name);
  if (!named.success) {
    report(
      'name',
      row.name === '' || !HeaderCredential.shape.header.safeParse(row.name).success
        ? 'Letters, digits, hyphens, underscores and dots.'
        : 'The agent itself sends this header, or none. It cannot be fixed here.',
    );
  } else if (isSecretSetting(row.name, row.value)) {
    report(
      'value',
      'This looks like a secret. Remove it here and add a credential for this header: its value stays on the machine of the agent.',
    );
  }
  if (!value.safeParse(row.value).success) report('value', 'A header holds plain letters without line breaks, 1,024 at most.');
}

const OTHER_HEADER = z.string().refine(isCredentialHeader);
const PREFIX = HeaderCredential.shape.prefix
  .unwrap()
  .regex(/^[\x20-\x7e]*$/)
  .refine((prefix) => !isSecretSetting('', prefix));

function describeReferenceProblem(reference: string): string {
  if (reference === '') return 'Name the place: env:SECRET_NAME or file:/absolute/path.';
  if (/^[A-Za-z0-9+/_.=-]{16,}$/.test(reference)) {
    return 'This looks like the secret itself. Put it on the machine of the agent, and enter only its place here.';
  }
  return 'Use env:SECRET_NAME or file:/absolute/path, as the machine of the agent offers it.';
}

/** What to register; call it only for a form that was checked. One credential alone stays one, as every agent reads it. */
export function toCredential({ withCredential, credentials: rows, headers }: CredentialForm): Credential | null {
  const credentials = withCredential ? rows.map(toOneCredential) : [];
  const [only] = credentials;
  if (headers.length === 0 && credentials.length < 2) return only ?? null;
  return { kind: 'several', credentials, headers };
}

function toOneCredential(row: CredentialRow): OneCredential {
  const { reference } = row;
  switch (row.credentialKind) {
    case 'bearer':
      return { kind: 'header', header: 'Authorization', prefix: 'Bearer ', reference };
    case 'header':
      return { kind: 'header', header: row.header, prefix: row.prefix, reference };
    case 'query':
      return { kind: 'query', parameter: row.parameter, reference };
    case 'basic':
      return { kind: 'basic', username: row.username, reference };
    case 'client_credentials': {
      const { tokenUrl, clientId, clientAuthentication } = row;
      const scope = row.scope.trim() || null;
      return { kind: 'client_credentials', tokenUrl, clientId, reference, scope, clientAuthentication };
    }
  }
}
