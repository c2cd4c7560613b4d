import { toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import { findProsePlace } from '@gatehouse/policy/documents/prose';
import { isLowered, pickGraverRisk, takesTwoPeople } from '@gatehouse/policy/documents/risk';
import { formatSome } from '@gatehouse/policy/names/some-of';

import { ServiceError } from '../errors.ts';
import { FOUND_WORDS } from './findings/entry-findings.ts';
import type { EntryChoice } from './proposal.ts';
import type { LoadedReview } from './require-review.ts';
import { hasScalarField } from './schema-fields.ts';
import type { WeighedEntry } from './weigh-entries.ts';

type Weighed = ReadonlyMap<string, WeighedEntry>;

/** Every entry once, and no others; only fields that a schema declares are logged; what was found in it was looked at. Throws `invalid`. */
export function checkChoices({ revision }: LoadedReview, choices: readonly EntryChoice[], weighed: Weighed): void {
  const decided = new Set(choices.map(toEntryKey));
  const missing = revision.entries.filter((entry) => !decided.has(toEntryKey(entry)));
  if (missing.length > 0) {
    throw createUndecidableError(`Decide every entry. Still open: ${formatSome(missing.map(({ name }) => name))}.`);
  }
  if (decided.size !== choices.length) throw createUndecidableError('An entry is decided twice. Reload the page.');
  for (const choice of choices) {
    const entry = weighed.get(toEntryKey(choice));
    if (!entry) throw createUndecidableError(`This revision has no ${choice.kind} "${choice.name}". Reload the page.`);
    if (entry.tool) checkLoggedFields(choice, entry.tool.definition);
    checkIgnored(choice);
  }
  refuseUnseen(choices, weighed);
}

/** What was found in an entry and nobody has settled is no matter of many at once: it is approved only by somebody who says of this very one that they looked at it. */
function refuseUnseen(choices: readonly EntryChoice[], weighed: Weighed): void {
  const unseen = choices.filter((choice) => choice.verdict === 'approved' && !choice.seenHidden);
  for (const { what, words } of FOUND_WORDS) {
    const names = unseen
      .filter((choice) => weighed.get(toEntryKey(choice))?.named.some((found) => found.what === what && found.settled === null))
      .map(({ name }) => name);
    if (names.length === 0) continue;
    throw createUndecidableError(`${words} ${formatSome(names)}. Look at what was found and say so before you approve it.`);
  }
}

function checkLoggedFields(choice: EntryChoice, { inputSchema, outputSchema }: ToolDefinition): void {
  if (choice.kind !== 'tool') return;
  const unknown =
    choice.logArguments.find((pointer) => !hasScalarField(inputSchema, pointer)) ??
    choice.logResults.find((pointer) => !outputSchema || !hasScalarField(outputSchema, pointer));
  if (unknown)
    throw createUndecidableError(`${choice.name} declares no single value at ${unknown}. Choose a field from the list.`);
}

function checkIgnored({ kind, name, ignored }: EntryChoice): void {
  const grave = ignored.find((pointer) => findProsePlace(kind, pointer) !== pointer);
  if (grave === undefined) return;
  throw createUndecidableError(`${name}: ${grave} is no text that is only read, so a change of it cannot be ignored.`);
}

/**
 * Whoever brought a rejected entry in reads why: the note of each, or one reason for all that have none. A rejection that stands keeps what was said
 * of it. Throws `invalid`, naming what has none.
 */
export function giveReasons(choices: readonly EntryChoice[], weighed: Weighed, reason: string | null): EntryChoice[] {
  const unsaid = new Set(choices.filter(({ verdict, note }) => verdict === 'rejected' && !isSaid(note)));
  const silent = new Set([...unsaid].filter((choice) => weighed.get(toEntryKey(choice))?.inEffect?.verdict !== 'rejected'));
  if (silent.size > 0 && !isSaid(reason)) {
    const names = formatSome([...silent].map(({ name }) => name));
    throw new ServiceError('invalid', `Say why these are rejected: ${names}.`, { field: 'reason' });
  }
  return choices.map((choice) => {
    if (!unsaid.has(choice)) return choice;
    const note = silent.has(choice) ? reason : weighed.get(toEntryKey(choice))?.inEffect?.note;
    return note ? { ...choice, note } : choice;
  });
}

/** Somebody can read it: it is more than blanks and characters that are not seen. */
export function isSaid(text: string | null | undefined): boolean {
  return typeof text === 'string' && /[\p{L}\p{N}\p{P}\p{S}]/u.test(text);
}

/** What counts as less than weighs is approved with a reason only. Throws `invalid`, naming what has none. */
export function refuseUnreasoned(choices: readonly EntryChoice[], weighed: Weighed, reason: string | null): void {
  const unreasoned = listLowered(choices, weighed).filter(({ note }) => !isSaid(note) && !isSaid(reason));
  if (unreasoned.length === 0) return;
  const names = formatSome(unreasoned.map(({ name }) => name));
  throw new ServiceError('invalid', `Say why these count as less than they seem: ${names}.`, { field: 'reason' });
}

/** The approvals that give a tool a lower risk than weighs. */
export function listLowered(choices: readonly EntryChoice[], weighed: Weighed): EntryChoice[] {
  return choices.filter((choice) => {
    const tool = weighed.get(toEntryKey(choice))?.tool;
    return choice.kind === 'tool' && choice.verdict === 'approved' && tool && isLowered(tool.weighed, choice.risk);
  });
}

/** The approvals that one person cannot give: destructive ones, lowered ones, and those that undo a rejection. */
export function listForTwo(choices: readonly EntryChoice[], weighed: Weighed): EntryChoice[] {
  return choices.filter((choice) => {
    const entry = weighed.get(toEntryKey(choice));
    if (choice.verdict !== 'approved' || !entry || isKept(choice, entry)) return false;
    return (
      entry.wasRejected || (choice.kind === 'tool' && entry.tool !== null && takesTwoPeople(entry.tool.weighed, choice.risk))
    );
  });
}

/** True when a decision that stands is left as it is. */
function isKept(choice: EntryChoice, { inEffect }: WeighedEntry): boolean {
  if (inEffect?.verdict !== 'approved') return false;
  if (!choice.ignored.every((pointer) => inEffect.ignored.includes(pointer))) return false;
  if (choice.kind !== 'tool') return true;
  const { logArguments, logResults } = choice;
  return (
    inEffect.risk === choice.risk &&
    logArguments.every((pointer) => inEffect.logArguments.includes(pointer)) &&
    logResults.every((pointer) => inEffect.logResults.includes(pointer))
  );
}

/** A rejection lowers nothing: the next decision on this tool is weighed against what it seemed to be. */
export function keepGravity(choices: readonly EntryChoice[], weighed: Weighed): EntryChoice[] {
  return choices.map((choice) => {
    const tool = weighed.get(toEntryKey(choice))?.tool;
    if (choice.kind !== 'tool' || choice.verdict === 'approved' || !tool) return choice;
    return { ...choice, risk: pickGraverRisk(choice.risk, tool.weighed) };
  });
}

function createUndecidableError(message: string): ServiceError {
  return new ServiceError('invalid', message);
}
