/** What an operation is named after. */
export interface Named {
  method: string;
  path: string;
  operationId: string | undefined;
}

const MAX_NAME = 64;

/**
 * A tool name for each operation, unique within the description, at most 64 characters of A-Z a-z 0-9 _ -. The operationId where it names
 * one operation only, else method and path. Does not depend on the order, so an added operation renames no other unless both want one name.
 */
export function nameTools(operations: readonly Named[]): string[] {
  const first = operations.map(
    (operation) =>
      replaceForeignCharacters(operation.operationId ?? '') || replaceForeignCharacters(joinMethodAndPath(operation)),
  );
  const second = replaceShared(first, (index) => replaceForeignCharacters(joinMethodAndPath(operations[index])));
  return replaceShared(second, (index) => {
    const suffix = `_${computeShortHash(toOperationKey(operations[index]))}`;
    return (second[index] ?? '').slice(0, MAX_NAME - suffix.length) + suffix;
  });
}

function replaceShared(names: readonly string[], other: (index: number) => string): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(foldName(name), (counts.get(foldName(name)) ?? 0) + 1);
  return names.map((name, index) => ((counts.get(foldName(name)) ?? 0) > 1 ? other(index) : name));
}

/** Names that a person or a model would take for each other. */
function foldName(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}

function replaceForeignCharacters(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{Mn}/gu, '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
    .replaceAll(/_{2,}/g, '_')
    .slice(0, MAX_NAME)
    .replaceAll(/^[_-]+|[_-]+$/g, '');
}

function joinMethodAndPath(operation: Named | undefined): string {
  return operation ? `${operation.method.toLowerCase()}_${operation.path}` : '';
}

function toOperationKey(operation: Named | undefined): string {
  return operation ? `${operation.method} ${operation.path}` : '';
}

/** FNV-1a, 32 bits, in base 36: tells two operations of one name apart, guards nothing. */
function computeShortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(36);
}
