import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';

import { describeFault } from '../fault.ts';
import { fail, type Finding, note, pass } from './finding.ts';

const OTHERS_READ = 0o004;
/** Of ours: the shell has files of others. */
const SECRET_FILE = /^(?:GATEHOUSE_|NEXTAUTH_|DATABASE_URL|REDIS_URL).*_FILE$/;
const SOON_MS = 21 * 24 * 3_600_000;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g;

/** Files that the environment names: those with secrets, the agent's bundle, certificates of PostgreSQL and of authorities. */
export function checkFiles(source: Readonly<Record<string, string | undefined>>): Finding[] {
  const given = Object.entries(source).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [{ name, value }]));
  return [
    ...given.filter(({ name }) => SECRET_FILE.test(name)).flatMap(({ name, value }) => checkSecretFile(name, value)),
    ...checkBundle(source.GATEHOUSE_AGENT_BUNDLE),
    ...(source.NODE_EXTRA_CA_CERTS ? checkCertificates('NODE_EXTRA_CA_CERTS', source.NODE_EXTRA_CA_CERTS) : []),
    ...given.filter(({ name }) => name.endsWith('DATABASE_URL')).flatMap(({ name, value }) => checkTlsOfUrl(name, value)),
  ];
}

/** That it cannot be read at all is told with the environment. */
function checkSecretFile(name: string, path: string): Finding[] {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  return mode & OTHERS_READ ? [note('files', `${name}: everybody on this machine can read ${path}; chmod o-r`)] : [];
}

function checkBundle(path: string | undefined): Finding[] {
  if (!path) return [note('files', 'GATEHOUSE_AGENT_BUNDLE is not set: the console has no agent to offer for download')];
  return [
    existsSync(path)
      ? pass('files', 'the agent’s bundle is there')
      : fail('files', `GATEHOUSE_AGENT_BUNDLE: there is no ${path}`),
  ];
}

function checkTlsOfUrl(name: string, text: string): Finding[] {
  if (!URL.canParse(text)) return [];
  const query = new URL(text).searchParams;
  return ['sslrootcert', 'sslcert'].flatMap((key) => {
    const path = query.get(key);
    return path === null || path === 'system' ? [] : checkCertificates(`${name}, ${key}`, path);
  });
}

function checkCertificates(name: string, path: string): Finding[] {
  try {
    const certificates = readFileSync(path, 'utf8').match(CERTIFICATE) ?? [];
    if (certificates.length === 0) return [fail('files', `${name}: ${path} holds no certificate`)];
    // of many authorities some have always ended, and nothing of ours needs those
    if (certificates.length > 2) return [pass('files', `${name}: ${path} holds ${certificates.length} certificates`)];
    return certificates.flatMap((pem) => describeValidity(`${name}: a certificate of ${path}`, new X509Certificate(pem)));
  } catch (error) {
    return [fail('files', `${name}: ${path} cannot be used: ${describeFault(error)}`)];
  }
}

/** Whether a certificate holds now, and for a while. */
export function describeValidity(
  what: string,
  { validFromDate, validToDate }: Pick<X509Certificate, 'validFromDate' | 'validToDate'>,
): Finding[] {
  const now = Date.now();
  if (+validFromDate > now) return [fail('files', `${what} begins on ${validFromDate.toISOString()} only`)];
  if (+validToDate < now) return [fail('files', `${what} ended on ${validToDate.toISOString()}`)];
  if (+validToDate < now + SOON_MS) return [note('files', `${what} ends on ${validToDate.toISOString()}`)];
  return [pass('files', `${what} holds until ${validToDate.toISOString()}`)];
}
