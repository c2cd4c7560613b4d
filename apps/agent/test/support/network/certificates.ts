import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';

import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509';

import { makeTempDir } from '../disk/temp-dir.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 24 * 60 * 60_000;
let serial = 0;

export interface Pem {
  cert: string;
  key: string;
}

interface Wish {
  /** DNS names and IP addresses */
  names: string[];
  notBefore?: Date;
  notAfter?: Date;
}

/** A certificate authority of a test's own. */
export class Authority {
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #certificate: X509Certificate;
  /** what clients trust */
  readonly pem: string;

  private constructor(keys: webcrypto.CryptoKeyPair, certificate: X509Certificate) {
    this.#keys = keys;
    this.#certificate = certificate;
    this.pem = certificate.toString('pem');
  }

  static async create(name = 'Test authority'): Promise<Authority> {
    const keys = await makeKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      ...buildCommon({ names: [] }),
      name: `CN=${name}`,
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [new BasicConstraintsExtension(true, undefined, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
    });
    return new Authority(keys, certificate);
  }

  async issue(wish: Wish): Promise<Pem> {
    const keys = await makeKeys();
    const certificate = await X509CertificateGenerator.create({
      ...buildCommon(wish),
      subject: `CN=${wish.names[0] ?? 'nobody'}`,
      issuer: this.#certificate.subject,
      signingKey: this.#keys.privateKey,
      publicKey: keys.publicKey,
      signingAlgorithm: ALGORITHM,
      extensions: [buildAlternativeNames(wish.names)],
    });
    return { cert: certificate.toString('pem'), key: await exportKeyPem(keys) };
  }
}

export async function makeSelfSigned(names: string[]): Promise<Pem> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...buildCommon({ names }),
    name: `CN=${names[0] ?? 'nobody'}`,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [buildAlternativeNames(names)],
  });
  return { cert: certificate.toString('pem'), key: await exportKeyPem(keys) };
}

/** Writes a pair where an agent reads it. */
export function writePair({ cert, key }: Pem, directory = makeTempDir()): { certFile: string; keyFile: string } {
  const files = { certFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key') };
  writeFileSync(files.certFile, cert);
  writeFileSync(files.keyFile, key, { mode: 0o600 });
  return files;
}

function buildCommon({ notBefore, notAfter }: Wish) {
  return {
    serialNumber: (serial += 1).toString(16).padStart(4, '0'),
    notBefore: notBefore ?? new Date(Date.now() - DAY_MS),
    notAfter: notAfter ?? new Date(Date.now() + DAY_MS),
  };
}

function buildAlternativeNames(names: string[]): SubjectAlternativeNameExtension {
  return new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })));
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function exportKeyPem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${der.replaceAll(/.{64}/g, '$&\n').trim()}\n-----END PRIVATE KEY-----\n`;
}
