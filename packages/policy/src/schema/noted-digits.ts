import * as z from 'zod';

import { isExactNumber, isKeptByDouble, readDigits, type ExactNumber } from '../documents/exact-number.ts';
import { mapLeaves } from '../documents/json-pointer.ts';
import type { JsonObject } from '../documents/json.ts';

/**
 * Key of a definition under which the digits stand of its numbers that no double keeps, by JSON Pointer. The numbers themselves are the nearest doubles, so that
 * whoever reads a definition with a parser of doubles reads what it always read, and the pin, which covers the digits as well, is the same for everybody.
 * Clients are not shown it.
 */
export const DIGITS_KEY = 'gatehouse/digits';

const Digits = z.record(z.string(), z.string().max(400));

/** The definition as it is stored and sent between our processes: with doubles, and their digits beside. The definition itself when it has no other numbers. */
export function noteDigits<Definition extends JsonObject>(definition: Definition): Definition {
  const digits: [pointer: string, raw: string][] = [];
  const rounded = round(definition, (pointer, { rawJSON }) => void digits.push([pointer, rawJSON]));
  if (digits.length === 0) return definition;
  return Object.assign({ ...definition }, rounded, { [DIGITS_KEY]: Object.fromEntries(digits) });
}

/** The same without the digits: as it was read when every number was taken for a double. */
export function roundDigits(definition: JsonObject): JsonObject {
  return dropDigits(
    Object.assign(
      { ...definition },
      round(definition, () => undefined),
    ),
  );
}

/** Whether digits stand beside the numbers of a definition. */
export function hasNotedDigits(definition: JsonObject): boolean {
  return Object.hasOwn(definition, DIGITS_KEY);
}

/** A definition as its server sends it: a key of ours says nothing there. */
export function dropDigits<Definition extends JsonObject>(definition: Definition): Definition {
  if (!hasNotedDigits(definition)) return definition;
  const rest = { ...definition };
  Reflect.deleteProperty(rest, DIGITS_KEY);
  return rest;
}

/**
 * The definition with its digits in their places; the definition itself when none are noted. Digits that are not of the double where they belong
 * are of nothing, and left out.
 */
export function restoreDigits<Definition extends JsonObject>(definition: Definition): Definition {
  if (!hasNotedDigits(definition)) return definition;
  const digits = Digits.safeParse(definition[DIGITS_KEY]).data ?? {};
  const rest = dropDigits(definition);
  return Object.assign(rest, restore({ ...rest }, digits));
}

function round(definition: JsonObject, note: (pointer: string, number: ExactNumber) => void): unknown {
  return mapLeaves(definition, (leaf, pointer) => {
    if (!isExactNumber(leaf)) return leaf;
    note(pointer, leaf);
    return toNearest(leaf.rawJSON);
  });
}

function restore(definition: JsonObject, digits: Readonly<Record<string, string>>): unknown {
  return mapLeaves(definition, (leaf, pointer) => {
    const raw = typeof leaf === 'number' && Object.hasOwn(digits, pointer) ? digits[pointer] : undefined;
    return raw !== undefined && isNumber(raw) && !isKeptByDouble(raw) && toNearest(raw) === leaf ? readDigits(raw) : leaf;
  });
}

/** JSON has no infinity. */
function toNearest(raw: string): number {
  const nearest = Number(raw);
  return Number.isFinite(nearest) ? nearest : Math.sign(nearest) * Number.MAX_VALUE;
}

function isNumber(raw: string): boolean {
  try {
    return typeof JSON.parse(raw) === 'number' && raw.trim() === raw;
  } catch {
    return false;
  }
}
