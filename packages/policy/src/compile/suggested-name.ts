import type { DraftEntry } from '../documents/profile.ts';
import { toPlainName, withShortHash } from '../names/plain-name.ts';
import { findAdvertisedNameProblem, MAX_ADVERTISED_NAME } from './advertised-name.ts';
import { foldName } from './name-collisions.ts';

/** What AI clients take as the name of a tool; some of them take more. */
const CLIENT_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Whether AI clients take a server's own name as it is. */
export function isTakenAsItIs(name: string): boolean {
  return CLIENT_NAME.test(name);
}

/**
 * A name that AI clients take, for what its server calls `own`: "issues/list" gives "issues_list". The same for the same name, whatever else there is;
 * where letters are lost, as of another script, a hash of the whole name stands for them.
 */
export function suggestName(kind: 'tool' | 'prompt', own: string): string {
  if (isTakenAsItIs(own)) return own;
  const written = own.replaceAll('ß', 'ss');
  const plain = toPlainName(written);
  const name = /^[A-Za-z_]/.test(plain) ? plain : toPlainName(`${kind}_${plain}`);
  return isLossy(written) ? withShortHash(name, own) : name;
}

/** The same, and if that is taken, with a hash of `own` behind it. `taken`: as `foldName` gives them. */
export function suggestFreeName(kind: 'tool' | 'prompt', own: string, taken: ReadonlySet<string>): string {
  const first = suggestName(kind, own);
  let name = first;
  for (let round = 1; taken.has(foldName(name)); round += 1) name = withShortHash(first, round === 1 ? own : `${own} ${round}`);
  return name;
}

/** Names for those who want the same one, each free: with the server's in front. `taken`: as `foldName` gives them. */
export function suggestNames(owners: readonly { serverSlug: string; name: string }[], taken: ReadonlySet<string>): string[] {
  const used = new Set(taken);
  return owners.map(({ serverSlug, name }) => {
    const whole = `${serverSlug}__${suggestName('tool', name)}`;
    let free = whole.length > MAX_ADVERTISED_NAME ? withShortHash(whole, `${serverSlug}/${name}`) : whole;
    for (let round = 1; used.has(foldName(free)); round += 1) free = withShortHash(whole, `${serverSlug}/${name} ${round}`);
    used.add(foldName(free));
    return free;
  });
}

/**
 * Names the tools and prompts of a draft whose own names AI clients do not take and that have no other. A name once given stays: it stands in the draft, and
 * what is added later gets a free one. `keeps`: what goes on under its own name, as far as it can be shown at all.
 */
export function withSuggestedNames(entries: readonly DraftEntry[], keeps: (entry: DraftEntry) => boolean): DraftEntry[] {
  const isNameless = (entry: DraftEntry): boolean =>
    'rename' in entry &&
    entry.rename === null &&
    !isTakenAsItIs(entry.name) &&
    !(findAdvertisedNameProblem(entry.name) === null && keeps(entry));
  const taken = { tool: new Set<string>(), prompt: new Set<string>() };
  for (const entry of entries) {
    if ('rename' in entry && !isNameless(entry)) taken[entry.kind].add(foldName(entry.rename ?? entry.name));
  }
  return entries.map((entry) => {
    if (!('rename' in entry) || !isNameless(entry)) return entry;
    const rename = suggestFreeName(entry.kind, entry.name, taken[entry.kind]);
    taken[entry.kind].add(foldName(rename));
    return { ...entry, rename };
  });
}

/** Letters and digits that no plain name has, or more of them than it holds. */
function isLossy(text: string): boolean {
  const bare = text.normalize('NFKD').replaceAll(/\p{Mn}/gu, '');
  return bare.length > MAX_ADVERTISED_NAME || /[^\P{L}A-Za-z]|[^\P{N}0-9]/u.test(bare) || !/[A-Za-z0-9]/.test(bare);
}
