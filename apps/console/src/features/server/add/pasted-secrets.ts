import { isCredentialHeader, isFreeHeader } from '@gatehouse/policy/documents/rest-operation';
import {
  FixedHeader,
  HeaderCredential,
  MOST_CREDENTIALS,
  MOST_FIXED_HEADERS,
  QueryCredential,
} from '@gatehouse/policy/documents/snapshot';
import { findSecretParameter } from '@gatehouse/policy/names/secret-parameter';
import { isSecretSetting } from '@gatehouse/redaction/secret-setting';

import { type CredentialRow, EMPTY_ROW, type HeaderRow } from '../form/credential-form.ts';

/** What a pasted text says of a server, without any secret of it. */
export interface Pasted {
  /** without what is secret in it */
  url: string;
  /** where each secret stood; its value is not taken */
  credentials: CredentialRow[];
  headers: HeaderRow[];
  /** what was left out, one sentence each, none with a value */
  notes: string[];
}

type Place = Pick<CredentialRow, 'credentialKind'> & Partial<CredentialRow>;

/** Sorts the parts of a pasted server into secrets, of which only the place is kept, fixed headers, and what is left out by name. */
export function takeOver(url: URL, written: string, headers: readonly (readonly [name: string, value: string])[]): Pasted {
  const address = takeAddress(url, written);
  const places: Place[] = [...address.places];
  const fixed: HeaderRow[] = [];
  const notes: string[] = [...address.notes];
  for (const [name, value] of headers) {
    const place = readSecretHeader(name, value);
    if (place) places.push(place);
    else if (FixedHeader.safeParse({ name, value: value.trim() }).success) fixed.push({ name, value: value.trim() });
    else notes.push(describeLeftOut(name));
  }
  const credentials = places.slice(0, MOST_CREDENTIALS);
  for (const left of [
    ...places.slice(MOST_CREDENTIALS).map(namePlace),
    ...fixed.slice(MOST_FIXED_HEADERS).map(({ name }) => name),
  ]) {
    notes.push(
      `${left} was left out: a server is sent ${MOST_CREDENTIALS} credentials and ${MOST_FIXED_HEADERS} fixed headers at most.`,
    );
  }
  return {
    url: address.url,
    credentials: credentials.map((place) => ({
      ...EMPTY_ROW,
      ...place,
      reference: `env:${suggestVariable(url, credentials.length > 1 ? namePlace(place) : '')}`,
    })),
    headers: fixed.slice(0, MOST_FIXED_HEADERS),
    notes,
  };
}

/** The address without user, password, fragment and secret parameters; everything else stays as it was written. */
function takeAddress(url: URL, written: string): { url: string; places: Place[]; notes: string[] } {
  const places: Place[] = [];
  const notes: string[] = [];
  const [beforeFragment = '', fragment] = written.split('#', 2);
  if (fragment !== undefined) notes.push('The part after # was left out: no server is sent it.');
  const [path = '', ...query] = beforeFragment.split('?');
  if (url.username !== '' || url.password !== '') {
    places.push({ credentialKind: 'basic' });
    notes.push('The user name before the @ was not taken either, because some servers expect a key there. Enter it below.');
  }
  const kept = query
    .join('?')
    .split('&')
    .filter((part) => {
      const [[name, value] = ['', '']] = [...new URLSearchParams(part)];
      if (!isSecretParameter(name, value)) return part !== '';
      if (QueryCredential.shape.parameter.safeParse(name).success) places.push({ credentialKind: 'query', parameter: name });
      else notes.push(`The parameter "${name.slice(0, 60)}" was left out: no credential can be sent under this name.`);
      return false;
    });
  const search = kept.length === 0 ? '' : `?${kept.join('&')}`;
  return { url: path.replace(/^([a-z]+:\/\/)[^/]*@/i, '$1') + search, places, notes };
}

/** Whether a parameter of an address holds a secret, by the rule of the server or by what its value looks like. */
function isSecretParameter(name: string, value: string): boolean {
  const asServer = new URL('https://host.example');
  asServer.searchParams.set(name, value);
  return findSecretParameter(asServer) !== undefined || isSecretSetting(name, value) || isPlaceholder(value);
}

/** Of a URL that somebody entered: the first secret parameter; null when there is none. */
export function findPastedParameter(url: URL): string | null {
  return [...url.searchParams].find(([name, value]) => isSecretParameter(name, value))?.[0] ?? null;
}

/** Whether a part of the path looks like a secret: no credential can be sent there, so the address is kept with it. */
export function holdsSecretPath(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && parsed.pathname.split('/').some((part) => isSecretSetting('', part));
}

const SCHEME = /^(bearer|basic|token|apikey|api-key|key|bot|ssws|geniekey|negotiate)\s+(?=\S)/i;

function readSecretHeader(name: string, value: string): Place | null {
  if (!HeaderCredential.shape.header.safeParse(name).success || !isCredentialHeader(name)) return null;
  const isAuthorization = name.toLowerCase() === 'authorization';
  if (!isAuthorization && !isSecretSetting(name, value) && !isPlaceholder(value)) return null;
  const scheme = SCHEME.exec(value.trim())?.[1] ?? '';
  if (isAuthorization && scheme.toLowerCase() === 'bearer') return { credentialKind: 'bearer' };
  if (isAuthorization && scheme.toLowerCase() === 'basic') return { credentialKind: 'basic' };
  if (name.toLowerCase() === 'cookie') return { credentialKind: 'header', header: name, prefix: readCookiePrefix(value) };
  return { credentialKind: 'header', header: name, prefix: scheme === '' ? '' : `${scheme} ` };
}

/** Of one cookie its name stands before the secret; several are one secret. */
function readCookiePrefix(value: string): string {
  const [pair = '', ...others] = value.split(';').filter((part) => part.trim() !== '');
  const name = /^\s*([A-Za-z0-9_.-]{1,31})=/.exec(pair)?.[1];
  return others.length > 0 || name === undefined || isSecretSetting('', name) ? '' : `${name}=`;
}

/** Where a client would put a value that does not stand in its configuration: it may be a secret. */
function isPlaceholder(value: string): boolean {
  return /\$\{|\$\(|\{\{|^\$\w+$|^<.*>$|^%\w+%$|^your[-_ ]/i.test(value.trim());
}

function describeLeftOut(name: string): string {
  const shown = name.slice(0, 60);
  if (!HeaderCredential.shape.header.safeParse(name).success)
    return `The header "${shown}" was left out: its name is no name of a header.`;
  if (!isFreeHeader(name)) return `The header ${shown} was left out: the agent itself sends it, or none.`;
  return `The header ${shown} was left out: its value holds characters that a header cannot carry.`;
}

function namePlace({ credentialKind, header, parameter }: Place): string {
  if (credentialKind === 'query') return parameter ?? '';
  return credentialKind === 'header' ? (header ?? '') : 'Authorization';
}

/** `SECRET_GITHUB` for api.github.com; with the place where there are several. */
function suggestVariable({ hostname }: URL, place: string): string {
  const parts = /^[\d.]+$|^\[/.test(hostname)
    ? []
    : hostname.split('.').filter((part) => !/^(?:www|api|mcp|app|localhost)$/.test(part));
  const words = [parts[0] ?? 'SERVER', place].filter((word) => word !== '');
  return `SECRET_${words
    .join('_')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()
    .slice(0, 60)}`;
}
