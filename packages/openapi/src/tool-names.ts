import { MAX_ADVERTISED_NAME } from '@gatehouse/policy/compile/advertised-name';
import { foldName } from '@gatehouse/policy/compile/name-collisions';

/** An operation of a description; `method` and `path` together are unique in it. */
interface Operation {
  method: string;
  path: string;
}

/** What an operation is named after. */
interface Named extends Operation {
  operationId: string | undefined;
}

interface Claim {
  operation: Named;
  name: string;
}

/**
 * A tool name for each operation, unique within the description, at most 64 characters of A-Z a-z 0-9 _ -. The operationId where it names
 * one operation only, else method and path. Does not depend on the order, so an added operation renames no other unless both want one name.
 */
export function nameTools(operations: readonly Named[]): string[] {
  const byId = operations.map((operation) => ({
    operation,
    name: replaceForeignCharacters(operation.operationId ?? '') || joinMethodAndPath(operation),
  }));
  const byPath = replaceShared(byId, ({ operation }) => joinMethodAndPath(operation));
  const unique = replaceShared(byPath, ({ operation, name }) => {
    const suffix = `_${computeShortHash(toOperationKey(operation))}`;
    return name.slice(0, MAX_ADVERTISED_NAME - suffix.length) + suffix;
  });
  return unique.map(({ name }) => name);
}

function replaceShared(claims: readonly Claim[], chooseOther: (claim: Claim) => string): Claim[] {
  const owners = Map.groupBy(claims, ({ name }) => foldName(name));
  return claims.map((claim) => (owners.get(foldName(claim.name))?.length === 1 ? claim : { ...claim, name: chooseOther(claim) }));
}

function replaceForeignCharacters(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{Mn}/gu, '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
    .replaceAll(/_{2,}/g, '_')
    .slice(0, MAX_ADVERTISED_NAME)
    .replaceAll(/^[_-]+|[_-]+$/g, '');
}

function joinMethodAndPath({ method, path }: Operation): string {
  return replaceForeignCharacters(`${method.toLowerCase()}_${path}`);
}

/** Names an operation in its description: "GET /orders/{orderId}". */
export function toOperationKey({ method, path }: Operation): string {
  return `${method} ${path}`;
}

/** FNV-1a, 32 bits, in base 36: tells two operations of one name apart, guards nothing. */
function computeShortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(36);
}
