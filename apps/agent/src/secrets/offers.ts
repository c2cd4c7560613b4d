import { readdir, realpath } from 'node:fs/promises';
import { join, normalize, relative, sep } from 'node:path';

import { readHttpOrigin } from '@gatehouse/network/http-origin';

import { isMissing } from './secret-file.ts';

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
  /** why this agent goes to nobody at an origin; null when it may */
  findBarrier: (origin: URL) => string | null;
}

const ORIGIN_SUFFIX = '_ORIGIN';
const MOST_FILES = 1_000;

export interface Listed {
  /** by `env:NAME` or `file:` and the real path */
  offers: Map<string, Offer>;
  /** what somebody meant to offer, and why it is not */
  problems: string[];
}

/**
 * Everything that the site offers. Nothing else can be named by a configuration, whatever way it is spelled. A file that is offered in several
 * ways may go where any of them says.
 */
export async function listOffers(sources: OfferSources): Promise<Listed> {
  const offers = new Map<string, Offer>();
  const problems: string[] = [];
  const add = (key: string, place: Offer['place'], origins: readonly string[]): void => {
    offers.set(key, { place, origins: [...new Set([...(offers.get(key)?.origins ?? []), ...origins])] });
  };
  const dataDir = await resolveFile(sources.dataDir);
  const addFile = (real: string, origins: readonly string[]): void => {
    const folder = ['/proc', '/dev', '/sys', dataDir].find((one) => isBelow(real, one));
    if (folder === undefined) add(`file:${real}`, { file: real }, origins);
    else problems.push(`file:${real} is offered to nobody: nothing in ${folder} is. Put the credential into another folder.`);
  };
  for (const variable of listVariables(sources.environment)) {
    const origins = readOrigins(variable, sources);
    problems.push(...origins.problems);
    add(`env:${variable}`, { variable }, origins.origins);
  }
  for (const [reference, origins] of sources.named) {
    const place = reference.slice(reference.indexOf(':') + 1);
    if (reference.startsWith('env:')) {
      if (!place.startsWith('GATEHOUSE_')) add(reference, { variable: place }, origins);
      continue;
    }
    addFile(await resolveFile(place), origins);
  }
  const secrets = await listSecretFiles(sources.secretsDir);
  for (const { real, origin } of secrets.files) {
    addFile(real, [origin]);
    const barrier = sources.findBarrier(new URL(origin));
    if (barrier !== null) problems.push(`file:${real} is never sent: ${barrier}`);
  }
  return { offers, problems: [...problems, ...secrets.problems] };
}

/** The path without symbolic links and detours; of a file that does not exist, without detours. */
export function resolveFile(path: string): Promise<string> {
  return realpath(path).catch(() => normalize(path));
}

/** Variables of which one of the pair is set: `SECRET_<NAME>` and `SECRET_<NAME>_ORIGIN`. */
function listVariables(environment: OfferSources['environment']): Set<string> {
  const names = Object.keys(environment).filter((name) => name.startsWith('SECRET_') && environment[name]);
  const variables = names.map((name) => (name.endsWith(ORIGIN_SUFFIX) ? name.slice(0, -ORIGIN_SUFFIX.length) : name));
  return new Set(variables.filter((name) => name.startsWith('SECRET_')));
}

/** The text of `SECRET_<NAME>_ORIGIN`: one or several origins with commas between. None when any of it is no origin. */
function readOrigins(
  variable: string,
  { environment, named, findBarrier }: OfferSources,
): { origins: string[]; problems: string[] } {
  const name = variable + ORIGIN_SUFFIX;
  const text = environment[name];
  if (!text) {
    if (named.has(`env:${variable}`)) return { origins: [], problems: [] };
    return { origins: [], problems: [`env:${variable} is offered to nobody: set ${name} to where it may be sent, https://host`] };
  }
  const read = text.split(',').map((part) => readHttpOrigin(part.trim()));
  const wrong = read.flatMap(({ problem }) =>
    problem === null ? [] : [`env:${variable} is offered to nobody: ${name} ${problem}`],
  );
  if (wrong.length > 0) return { origins: [], problems: wrong };
  const origins = read.flatMap(({ origin }) => origin ?? []);
  const barriers = origins.flatMap((origin) => findBarrier(origin) ?? []);
  return {
    origins: origins.map(({ origin }) => origin),
    problems: barriers.map((barrier) => `${name} is never reached: ${barrier}`),
  };
}

/** By real path, so that a link from one host's folder to another's gives nothing away, and one out of the folder offers nothing. */
async function listSecretFiles(folder: string): Promise<{ files: { real: string; origin: string }[]; problems: string[] }> {
  const root = await resolveFile(folder);
  const problems: string[] = [];
  const found = await readdir(root, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (!isMissing(error)) problems.push(`${root} cannot be read by the agent's user: nothing in it is offered.`);
    return [];
  });
  const files = found.filter((entry) => !entry.isDirectory());
  if (files.length > MOST_FILES) problems.push(`${root} holds more than ${MOST_FILES} files: the others are offered to nobody.`);
  const listed = await Promise.all(
    files.slice(0, MOST_FILES).map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const real = await resolveFile(path);
      if (!isBelow(real, root))
        return `${path} is offered to nobody: it leads out of ${root}. Name ${real} under credentials of the guardrails.`;
      const [host = '', ...name] = relative(root, real).split(sep);
      const { origin } = readHttpOrigin(`https://${host}`);
      if (name.length > 0 && origin?.host === host.toLowerCase()) return { real, origin: origin.origin };
      return `${path} is offered to nobody: put it into a folder that is called as its host, ${join(root, 'api.example.com', entry.name)}.`;
    }),
  );
  return {
    files: listed.filter((one) => typeof one !== 'string'),
    problems: [...problems, ...listed.filter((one) => typeof one === 'string')],
  };
}

function isBelow(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder + sep);
}
