import { z } from 'zod';

const Names = z.record(z.string(), z.string()).optional();
/** An entry of package-lock.json; what is not read here is passed on. */
const Entry = z.looseObject({
  link: z.boolean().optional(),
  resolved: z.string().optional(),
  dependencies: Names,
  optionalDependencies: Names,
  peerDependencies: Names,
});
/** package-lock.json, version 3: packages by the place where they lie. */
export const Lock = z.looseObject({ lockfileVersion: z.literal(3), packages: z.record(z.string(), Entry) });
type Packages = z.infer<typeof Lock>['packages'];

/** The root, these workspaces and whatever they need, each at its place. */
export function keepReachable(packages: Packages, workspaces: readonly string[]): Packages {
  const kept = new Set(['']);
  const waiting = [...workspaces];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const entry = packages[path];
    if (!entry || kept.has(path)) continue;
    kept.add(path);
    if (entry.link === true && entry.resolved !== undefined) waiting.push(entry.resolved);
    const { dependencies, optionalDependencies, peerDependencies } = entry;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const found = findPlace(packages, path, name);
      if (found !== null) waiting.push(found);
    }
  }
  for (const path of workspaces) {
    const link = Object.keys(packages).find((place) => packages[place]?.link === true && packages[place].resolved === path);
    if (link !== undefined) kept.add(link);
  }
  return Object.fromEntries(Object.entries(packages).filter(([path]) => kept.has(path)));
}

/** Where Node finds a package from there; null for an optional one that is not in the lock. */
function findPlace(packages: Packages, from: string, name: string): string | null {
  for (let folder = from; ; folder = getParent(folder)) {
    const place = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (place in packages) return place;
    if (folder === '') return null;
  }
}

function getParent(folder: string): string {
  const at = folder.lastIndexOf('/node_modules/');
  return at < 0 ? '' : folder.slice(0, at);
}
