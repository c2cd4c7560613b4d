import { isCredentialHeader } from '@gatehouse/policy/documents/rest-operation';
import { type Credential, type FixedHeader, listCredentials, type OneCredential } from '@gatehouse/policy/documents/snapshot';
import { listPrivatePassages } from '@gatehouse/redaction/private-passages';
import { isSecretSetting } from '@gatehouse/redaction/secret-setting';

export interface CredentialProblem {
  field: 'header' | 'prefix' | 'headers' | 'username' | 'clientId';
  /** a sentence without the value */
  message: string;
}

/** What the schema of a credential lets pass and no server is ever sent, or this database ever keeps; null when there is nothing. */
export function findCredentialProblem(credential: Credential | null): CredentialProblem | null {
  const fixed = credential?.kind === 'several' ? credential.headers : [];
  for (const one of listCredentials(credential)) {
    const problem = findHeaderProblem(one) ?? findNameProblem(one);
    if (problem) return problem;
  }
  const secret = fixed.find(({ name, value }) => isSecretSetting(name, value));
  return secret ? { field: 'headers', message: describeSecret(secret) } : null;
}

function findHeaderProblem(credential: OneCredential): CredentialProblem | null {
  if (credential.kind !== 'header') return null;
  const { header, prefix } = credential;
  if (!isCredentialHeader(header)) {
    return {
      field: 'header',
      message: `The agent itself sends the header ${header}, or none: name the one that this server reads the credential from`,
    };
  }
  if (!/^[\x20-\x7e]*$/.test(prefix)) {
    return { field: 'prefix', message: 'What stands before the secret holds characters that an HTTP header cannot carry' };
  }
  // the name says nothing here: whatever stands before a secret is no secret by its header
  return isSecretSetting('', prefix)
    ? {
        field: 'prefix',
        message:
          'What stands before the secret looks like a secret itself: put all of it into the place that the reference names',
      }
    : null;
}

/** Some servers expect a key where the user name stands. A random one is no secret for that: many names of accounts and programs are. */
function findNameProblem(credential: OneCredential): CredentialProblem | null {
  const holdsSecret = (name: string) => listPrivatePassages(name).some(({ isSecret }) => isSecret);
  if (credential.kind === 'basic' && holdsSecret(credential.username)) {
    return {
      field: 'username',
      message:
        'The user name looks like a secret itself: send the header Authorization with the prefix "Basic " instead, and put user name and password in Base64 into the place that the reference names',
    };
  }
  if (credential.kind !== 'client_credentials' || !holdsSecret(credential.clientId)) return null;
  return { field: 'clientId', message: 'The client id looks like a secret: put that into the place that the reference names' };
}

function describeSecret({ name }: FixedHeader): string {
  return `The fixed header ${name} looks like it holds a secret: name it as a credential, with a reference`;
}
