import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import { isCredentialHeader } from '@gatehouse/policy/documents/rest-operation';
import {
  ClientCredentials,
  type CredentialPlace,
  getHeaderPlace,
  HeaderCredential,
  QueryCredential,
  toPlaceName,
} from '@gatehouse/policy/documents/snapshot';
import { formatSome } from '@gatehouse/policy/names/some-of';

import { type OpenapiDocument, readList, readObject, readText, showName, Unmappable } from './document.ts';

/** One secret that a description asks for, as a server of the configuration can be sent it. */
export type DescribedCredential =
  | { kind: 'bearer' }
  | { kind: 'basic' }
  | { kind: 'header'; header: string; prefix: string }
  | { kind: 'query'; parameter: string }
  /** '' where the description does not say it in full */
  | { kind: 'client_credentials'; tokenUrl: string; scope: string };

export interface DescribedSecurity {
  /** all of them go with each request */
  credentials: DescribedCredential[];
  /** sentences on what is described and not sent */
  notes: string[];
}

/** Scheme names with the scopes that are asked of each; all of them together. No name: nothing is asked. */
type Requirement = ReadonlyMap<string, readonly string[]>;

interface SecuredOperation {
  method: string;
  path: string;
  operation: JsonObject;
}

/**
 * What the requests of an API have to carry: the first of the described alternatives that can be sent as a whole. Every scheme that cannot, and
 * every operation that asks for something else, is named.
 */
export function readSecurity(document: OpenapiDocument, operations: readonly SecuredOperation[]): DescribedSecurity {
  const schemes = readSchemes(document);
  const asked = operations.map((each) => ({
    ...each,
    requirements: readRequirements(each.operation) ?? readRequirements(document.root) ?? [],
  }));
  const notes = new Set<string>();
  const chosen = chooseRequirement(
    asked.map(({ requirements }) => requirements),
    schemes,
    notes,
  );
  const credentials = chosen === null ? [] : [...chosen].flatMap(([name, scopes]) => toCredential(schemes.get(name), scopes));
  const left = asked.filter(({ requirements }) => requirements.length > 0 && !requirements.some((each) => covers(chosen, each)));
  if (left.length > 0) notes.add(describeLeft(left));
  return { credentials, notes: [...notes] };
}

/** Read schemes, or why one cannot be sent; by name. */
type Scheme = { credential: DescribedCredential } | { problem: string };

function readSchemes(document: OpenapiDocument): Map<string, Scheme> {
  const { root } = document;
  const described = {
    ...readObject(readObject(root, 'components'), 'securitySchemes'),
    ...readObject(root, 'securityDefinitions'),
  };
  return new Map(
    Object.entries(described).map(([name, raw]): [string, Scheme] => {
      try {
        return [name, readScheme(document.resolve(raw))];
      } catch (error) {
        if (error instanceof Unmappable) return [name, { problem: error.message }];
        throw error;
      }
    }),
  );
}

function readScheme(scheme: JsonObject): Scheme {
  const type = readText(scheme, 'type') ?? '';
  switch (type) {
    case 'basic':
      return { credential: { kind: 'basic' } };
    case 'http': {
      const how = (readText(scheme, 'scheme') ?? '').toLowerCase();
      if (how === 'bearer' || how === 'basic') return { credential: { kind: how } };
      return { problem: `it is HTTP authentication of the kind "${how.slice(0, 40)}"` };
    }
    case 'apiKey':
      return readApiKey(readText(scheme, 'name') ?? '', readText(scheme, 'in') ?? '');
    case 'oauth2':
      return readOauth(scheme);
    case 'openIdConnect':
      return { problem: 'it signs in a person by OpenID Connect, which an agent does not do' };
    case 'mutualTLS':
      return { problem: 'it is a certificate of the client' };
    default:
      return { problem: `its type "${type.slice(0, 40)}" is unknown` };
  }
}

function readApiKey(name: string, place: string): Scheme {
  if (place === 'query') {
    if (QueryCredential.shape.parameter.safeParse(name).success) return { credential: { kind: 'query', parameter: name } };
    return { problem: 'its parameter has a name that no credential is sent under' };
  }
  if (place === 'cookie') {
    const prefix = `${name}=`;
    const isName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) && HeaderCredential.shape.prefix.safeParse(prefix).success;
    return isName
      ? { credential: { kind: 'header', header: 'Cookie', prefix } }
      : { problem: 'its cookie has a name that is not sent' };
  }
  if (place === 'path')
    return { problem: 'it is a part of the path, and the agent sends a credential in headers and query parameters only' };
  if (place !== 'header') return { problem: `its place "${place.slice(0, 40)}" is unknown` };
  const isName = HeaderCredential.shape.header.safeParse(name).success && isCredentialHeader(name);
  return isName
    ? { credential: { kind: 'header', header: name, prefix: '' } }
    : { problem: 'its header is none that a credential is sent in' };
}

function readOauth(scheme: JsonObject): Scheme {
  const flows = readObject(scheme, 'flows');
  const flow = isJsonObject(flows['clientCredentials'])
    ? flows['clientCredentials']
    : readText(scheme, 'flow') === 'application'
      ? scheme
      : null;
  if (flow === null) return { problem: 'it signs in a person by OAuth, and an agent fetches tokens by client credentials only' };
  const tokenUrl = readText(flow, 'tokenUrl') ?? '';
  const isWhole = ClientCredentials.shape.tokenUrl.safeParse(tokenUrl).success;
  return { credential: { kind: 'client_credentials', tokenUrl: isWhole ? tokenUrl : '', scope: '' } };
}

/** The alternatives of an operation or a description; null when it does not say. An empty list: nothing is asked. */
function readRequirements(value: JsonObject): Requirement[] | null {
  if (!Array.isArray(value['security'])) return null;
  return readList(value, 'security')
    .filter(isJsonObject)
    .map((each) => new Map(Object.keys(each).map((name) => [name, readList(each, name).map(String)])));
}

/** The one that most operations name among those that can be sent; null when none can, or nothing is asked. */
function chooseRequirement(
  asked: readonly (readonly Requirement[])[],
  schemes: ReadonlyMap<string, Scheme>,
  notes: Set<string>,
): Requirement | null {
  const counted = new Map<string, { requirement: Requirement; count: number }>();
  for (const requirements of asked) {
    const usable = requirements.find((each) => each.size > 0 && noteProblems(each, schemes, notes));
    if (!usable) continue;
    const key = [...usable.keys()].toSorted().join('\n');
    const held = counted.get(key);
    counted.set(key, { requirement: held ? joinScopes(held.requirement, usable) : usable, count: (held?.count ?? 0) + 1 });
  }
  return [...counted.values()].toSorted((a, b) => b.count - a.count)[0]?.requirement ?? null;
}

/** The same schemes with the scopes of both: one token serves every operation. */
function joinScopes(one: Requirement, other: Requirement): Requirement {
  return new Map([...one].map(([name, scopes]) => [name, [...new Set([...scopes, ...(other.get(name) ?? [])])]]));
}

/** Whether all of a requirement can be sent in one request; each reason why not is noted. */
function noteProblems(requirement: Requirement, schemes: ReadonlyMap<string, Scheme>, notes: Set<string>): boolean {
  const places = new Set<string>();
  let isSendable = true;
  for (const name of requirement.keys()) {
    const scheme = schemes.get(name) ?? { problem: 'the description does not say what it is' };
    const problem = 'problem' in scheme ? scheme.problem : takePlace(scheme.credential, places);
    if (problem === null) continue;
    isSendable = false;
    notes.add(`The security scheme "${showName(name)}" is not supported: ${problem}.`);
  }
  return isSendable;
}

function takePlace(credential: DescribedCredential, places: Set<string>): string | null {
  const place = toPlaceName(getPlace(credential));
  if (places.has(place)) return 'another scheme that is asked for with it is sent in the same place';
  places.add(place);
  return null;
}

function getPlace(credential: DescribedCredential): CredentialPlace {
  switch (credential.kind) {
    case 'header':
      return getHeaderPlace(credential.header, credential.prefix);
    case 'query':
      return { in: 'query', name: credential.parameter };
    default:
      return { in: 'header', name: 'Authorization' };
  }
}

function toCredential(scheme: Scheme | undefined, scopes: readonly string[]): DescribedCredential[] {
  if (!scheme || 'problem' in scheme) return [];
  const { credential } = scheme;
  if (credential.kind !== 'client_credentials') return [credential];
  const scope = scopes.join(' ');
  return [{ ...credential, scope: ClientCredentials.shape.scope.safeParse(scope).success ? scope : '' }];
}

/** Whether requests with `chosen` meet a requirement: an empty one is met by any. */
function covers(chosen: Requirement | null, requirement: Requirement): boolean {
  return [...requirement.keys()].every((name) => chosen?.has(name));
}

function describeLeft(left: readonly SecuredOperation[]): string {
  const named = formatSome(left.map(({ method, path }) => `${method} ${showName(path)}`));
  return `${left.length === 1 ? 'One operation asks' : `${left.length} operations ask`} for other credentials than this server is sent, and may be refused: ${named}.`;
}
