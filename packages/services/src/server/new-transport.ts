import { listCredentials, ServerTransport } from '@gatehouse/policy/documents/snapshot';
import { findSecretParameter } from '@gatehouse/policy/names/secret-parameter';
import { isSecretSetting } from '@gatehouse/redaction/secret-setting';

import { findCredentialProblem } from './credential-problem.ts';

/** A transport as a person enters it: no secret in it, and addresses that read as what they are. */
export const NewTransport = ServerTransport.superRefine((transport, check) => {
  const sent = transport.kind === 'stdio' ? null : findCredentialProblem(transport.credential);
  if (sent) check.addIssue({ code: 'custom', path: ['credential', sent.field], message: sent.message });
  for (const [path, url] of listAddresses(transport)) {
    const written = URL.parse(url);
    // the transport's own rule has said that this is no address
    if (!written) continue;
    const problem =
      findTextProblem(url) ?? findSecretProblem(written) ?? (path[0] === 'baseUrl' ? findQueryProblem(written) : null);
    if (problem) check.addIssue({ code: 'custom', path, message: problem });
  }
});

/** Every address that a transport names, with its place. */
function listAddresses(transport: ServerTransport): [path: string[], url: string][] {
  if (transport.kind === 'stdio') return [];
  const { credential } = transport;
  return [
    transport.kind === 'http' ? [['url'], transport.url] : [['baseUrl'], transport.baseUrl],
    ...listCredentials(credential).flatMap((each): [string[], string][] =>
      each.kind === 'client_credentials' ? [[['credential', 'tokenUrl'], each.tokenUrl]] : [],
    ),
  ];
}

/** The paths of operations are appended to it. */
function findQueryProblem(url: URL): string | null {
  return url.search === '' ? null : 'Take the part after ? out of the base URL: operations have their own parameters';
}

/** People copy the address as it was written: nothing in it may act on a terminal or turn text round. */
function findTextProblem(text: string): string | null {
  return /[\p{C}\s]/u.test(text) ? 'Take blanks and characters that cannot be seen out of the URL' : null;
}

/** The console only ever keeps the name of a secret, so a URL that carries one is refused. */
function findSecretProblem(url: URL): string | null {
  if (url.username !== '' || url.password !== '') return 'Take name and password out of the URL and use a credential reference';
  if (url.hash !== '') return 'Take the part after # out of the URL';
  const parameter = findSecretParameter(url) ?? [...url.searchParams].find(([name, value]) => isSecretSetting(name, value))?.[0];
  return parameter ? `The URL parameter "${parameter}" looks like a secret: use a credential reference` : null;
}
