import superjson, { type SuperJSONResult } from 'superjson';

/** What superjson writes, and whether names in it were set apart. */
export interface Written extends SuperJSONResult {
  apart?: true;
}

/**
 * superjson between browser and console, for any name: it refuses whatever has a name of this list, wherever that stands, and servers' definitions may
 * call an argument so.
 */
export const transformer = { serialize: write, deserialize: read };

const REFUSED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** Put before a refused name, and before one that begins with it. */
const MARK = '=';

function write(value: unknown): Written {
  if (!hasRefused(value)) return superjson.serialize(value);
  const { json, meta } = superjson.serialize(rename(value, (name) => (isApart(name) ? MARK + name : name)));
  return { json, ...(meta && { meta }), apart: true };
}

function read({ apart, ...written }: Written): unknown {
  const value: unknown = superjson.deserialize(written);
  return apart === true ? rename(value, (name) => (name.startsWith(MARK) ? name.slice(MARK.length) : name)) : value;
}

const isApart = (name: string): boolean => REFUSED.has(name) || name.startsWith(MARK);

/** Level by level and so without recursion: a value may be as deep as its sender likes. */
function hasRefused(value: unknown): boolean {
  for (let level = [value].filter(isJsonHolder); level.length > 0;) {
    if (level.some((holder) => !Array.isArray(holder) && Object.keys(holder).some((name) => REFUSED.has(name)))) return true;
    level = level.flatMap((holder) => Object.values(holder).filter(isJsonHolder));
  }
  return false;
}

/** A copy with other names. Dates and the like are kept as they are: what they hold has no names of a stranger. */
function rename(value: unknown, toName: (name: string) => string): unknown {
  if (!isJsonHolder(value)) return value;
  if (Array.isArray(value)) return value.map((part) => rename(part, toName));
  // made of pairs, a name `__proto__` is a name like any other
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [toName(name), rename(part, toName)]));
}

function isJsonHolder(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
