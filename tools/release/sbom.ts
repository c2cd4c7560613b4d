/** The parts of a CycloneDX document of `npm sbom` that are read here; the rest is passed on. */
export interface Sbom {
  components: Array<{ 'bom-ref': string }>;
  dependencies: Array<{ ref: string; dependsOn?: string[] }>;
}

/** The folders of the packages that these files (paths below the repository's root) come from. */
export function listPackageFolders(files: readonly string[]): string[] {
  const folders = files.map((file) => /^(?:.*node_modules\/(?:@[^/]+\/)?|(?:apps|packages)\/)[^/]+(?=\/)/.exec(file)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))];
}

/**
 * Keeps these packages, each `name@version`. The bill of npm itself has what a workspace needs for its tests, and with `--omit dev` it lacks whatever
 * any other workspace needs for tests only.
 */
export function keepPackages<Document extends Sbom>(sbom: Document, packages: ReadonlySet<string>): Document {
  const dependencies = sbom.dependencies
    .filter(({ ref }) => packages.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((target) => packages.has(target)) }));
  return { ...sbom, components: sbom.components.filter((component) => packages.has(component['bom-ref'])), dependencies };
}
