import { foldName } from '@gatehouse/policy/compile/name-collisions';
import { toPlainName, withShortHash } from '@gatehouse/policy/names/plain-name';

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
    name: toPlainName(operation.operationId ?? '') || joinMethodAndPath(operation),
  }));
  const byPath = replaceShared(byId, ({ operation }) => joinMethodAndPath(operation));
  const unique = replaceShared(byPath, ({ operation, name }) => withShortHash(name, toOperationKey(operation)));
  return unique.map(({ name }) => name);
}

function replaceShared(claims: readonly Claim[], chooseOther: (claim: Claim) => string): Claim[] {
  const owners = Map.groupBy(claims, ({ name }) => foldName(name));
  return claims.map((claim) => (owners.get(foldName(claim.name))?.length === 1 ? claim : { ...claim, name: chooseOther(claim) }));
}

function joinMethodAndPath({ method, path }: Operation): string {
  return toPlainName(`${method.toLowerCase()}_${path}`);
}

/** Names an operation in its description: "GET /orders/{orderId}". */
export function toOperationKey({ method, path }: Operation): string {
  return `${method} ${path}`;
}
