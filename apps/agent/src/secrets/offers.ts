import { readdir, realpath } from 'node:fs/promises';
import { join, normalize, relative, sep } from 'node:path';

/** One credential that the site offers, and the origins that it may be sent to. */
export interface Offer {
  place: { variable: string } | { file: string };
  origins: readonly string[];
}

export interface OfferSources {
  environment: Readonly<Record<string, string | undefined>>;
  /** holds `<host>/<name>`: each file goes to `https://<host>` alone */
  secretsDir: string;
  /** the agent's own state, of which nothing is ever offered */
  dataDir: string;
  /** `credentials` of the guardrails: origins by reference */
  named: ReadonlyMap<string, readonly string[]>;
}

const ORIGIN_SUFFIX = '_ORIGIN';
const MOST_FILES = 1_000;

/**
 * Everything that the site offers, by `env:NAME` or `file:` and the real path. Nothing else can be named by a configuration, whatever way it
 * is spelled. A file that is offered in several ways may go where any of them says.
 */
export async function listOffers(sources: OfferSources): Promise<Map<string, Offer>> {
  const offers = new Map<string, Offer>();
  const add = (key: string, place: Offer['place'], origins: readonly string[]): void => {
    offers.set(key, { place, origins: [...new Set([...(offers.get(key)?.origins ?? []), ...origins])] });
  };
  const dataDir = await resolveFile(sources.dataDir);
  const addFile = (real: string, origins: readonly string[]): void => {
    if (['/proc', '/dev', '/sys', dataDir].every((folder) => !isBelow(real, folder)))
      add(`file:${real}`, { file: real }, origins);
  };
  for (const [variable, origins] of listVariables(sources.environment)) add(`env:${variable}`, { variable }, origins);
  for (const [reference, origins] of sources.named) {
    const place = reference.slice(reference.indexOf(':') + 1);
    if (reference.startsWith('env:')) {
      if (!place.startsWith('GATEHOUSE_')) add(reference, { variable: place }, origins);
      continue;
    }
    addFile(await resolveFile(place), origins);
  }
  for (const { real, origin } of await listSecretFiles(sources.secretsDir)) addFile(real, [origin]);
  return offers;
}

/** The path without symbolic links and detours; of a file that does not exist, without detours. */
export function resolveFile(path: string): Promise<string> {
  return realpath(path).catch(() => normalize(path));
}

/** The text of `SECRET_<NAME>_ORIGIN`: one or several origins with commas between. None when any of it is no origin. */
function parseOrigins(text: string): string[] {
  const origins = text
    .split(',')
    .map((part) => URL.parse(part.trim()))
    .map((url) => (url && /^https?:$/.test(url.protocol) && !url.username && !url.password ? url.origin : null));
  return origins.every((origin) => origin !== null) ? origins : [];
}

function* listVariables(environment: OfferSources['environment']): Generator<[string, string[]]> {
  for (const name of Object.keys(environment)) {
    const origins = name.startsWith('SECRET_') ? environment[name + ORIGIN_SUFFIX] : undefined;
    if (origins) yield [name, parseOrigins(origins)];
  }
}

/** By real path, so that a link from one host's folder to another's gives nothing away, and one out of the folder offers nothing. */
async function listSecretFiles(folder: string): Promise<{ real: string; origin: string }[]> {
  const root = await resolveFile(folder);
  const found = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = found.filter((entry) => !entry.isDirectory()).slice(0, MOST_FILES);
  const listed = await Promise.all(
    files.map(async (entry) => {
      const real = await resolveFile(join(entry.parentPath, entry.name));
      if (!isBelow(real, root)) return null;
      const [host = '', ...name] = relative(root, real).split(sep);
      const url = URL.parse(`https://${host}`);
      return name.length > 0 && url?.host === host.toLowerCase() ? { real, origin: url.origin } : null;
    }),
  );
  return listed.filter((file) => file !== null);
}

function isBelow(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder + sep);
}
