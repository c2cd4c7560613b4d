/** A tool or prompt that wants an advertised name in a profile. */
export interface NameClaim {
  advertisedName: string;
  serverSlug: string;
  /** the server's own name */
  name: string;
}

export interface NameCollision {
  /** the name as the first owner wrote it */
  name: string;
  owners: { serverSlug: string; name: string }[];
}

/** Names that a person or a model would take for each other: equal after NFKC and lower case, with `-`, `_` and `.` the same. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase().replaceAll(/[-_.]/g, '_');
}

/** Every advertised name claimed by more than one entry, in the order of the claims. */
export function findCollisions(claims: readonly NameClaim[]): NameCollision[] {
  const byName = new Map<string, NameCollision>();
  for (const { advertisedName, serverSlug, name } of claims) {
    const key = foldName(advertisedName);
    const entry = byName.get(key) ?? { name: advertisedName, owners: [] };
    entry.owners.push({ serverSlug, name });
    byName.set(key, entry);
  }
  return [...byName.values()].filter((entry) => entry.owners.length > 1);
}
