import { decodeSegment } from '../documents/json-pointer.ts';
import { isJsonObject, type JsonObject } from '../documents/json.ts';
import type { ArgumentRule } from '../documents/profile.ts';
import { isRival } from '../names/parameter-name.ts';

/** The property names of an ArgumentPointer. Array items are passed through without a segment of their own. */
export function parsePointer(pointer: string): string[] {
  return pointer.split('/').slice(1).map(decodeSegment);
}

/** An argument as a sentence names it: `filter.tenant`. */
export function describeArgument(pointer: string): string {
  return parsePointer(pointer).join('.');
}

/** The rules of a tool by property name. */
export interface RuleTree {
  rule: ArgumentRule | null;
  children: ReadonlyMap<string, RuleTree>;
}

interface MutableTree extends RuleTree {
  children: Map<string, MutableTree>;
}

/** Arranges rules by the path of their argument. Of two rules on one argument the first one stays. */
export function buildRuleTree(rules: readonly ArgumentRule[]): RuleTree {
  const root: MutableTree = { rule: null, children: new Map() };
  for (const rule of rules) {
    let current = root;
    for (const segment of parsePointer(rule.argument)) {
      const next: MutableTree = current.children.get(segment) ?? { rule: null, children: new Map() };
      current.children.set(segment, next);
      current = next;
    }
    current.rule ??= rule;
  }
  return root;
}

/** True when no value of this argument comes from the caller. */
export function isHidden(tree: RuleTree | undefined): boolean {
  return tree?.rule?.kind === 'hide' || tree?.rule?.kind === 'pin';
}

/** Every value that the arguments hold at a path, array items one by one; an array at the end counts as its items. */
export function* listValuesAt(value: unknown, path: readonly string[]): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const item of value) yield* listValuesAt(item, path);
    return;
  }
  const [name, ...rest] = path;
  if (name === undefined) yield value;
  else if (isJsonObject(value) && Object.hasOwn(value, name)) yield* listValuesAt(value[name], rest);
}

/** True when the arguments have the key that a path names, whatever its value. */
export function hasKeyAt(value: unknown, path: readonly string[]): boolean {
  if (Array.isArray(value)) return value.some((item) => hasKeyAt(item, path));
  const [name, ...rest] = path;
  if (name === undefined || !isJsonObject(value) || !Object.hasOwn(value, name)) return false;
  return rest.length === 0 || hasKeyAt(value[name], rest);
}

/**
 * The path of a key, in an object on the way, that servers may read as the one of the path, but is neither it nor one of those that are known
 * there; null when there is none.
 */
export function findRivalAt(value: unknown, path: readonly string[], known: readonly ReadonlySet<string>[]): string[] | null {
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = findRivalAt(item, path, known);
      if (found) return found;
    }
    return null;
  }
  const [name, ...rest] = path;
  const [own, ...inner] = known;
  if (name === undefined || !isJsonObject(value)) return null;
  const rival = Object.keys(value).find((key) => key !== name && !own?.has(key) && isRival(key, name));
  if (rival !== undefined) return [rival];
  const found = Object.hasOwn(value, name) ? findRivalAt(value[name], rest, inner) : null;
  return found && [name, ...found];
}

/**
 * The arguments with a value added at a path; missing objects on the way are made when `create` says so. What is there already is copied,
 * never changed. Undefined when something on the way is neither an object nor a list of objects.
 */
export function withValueAt(args: JsonObject, path: readonly string[], value: unknown, create: boolean): JsonObject | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return undefined;
  if (rest.length === 0) return { ...args, [name]: value };
  const inner = Object.hasOwn(args, name) ? args[name] : undefined;
  if (inner === undefined) return create ? { ...args, [name]: withValueAt({}, rest, value, true) } : args;
  const added = withValueInside(inner, rest, value, create);
  return added === undefined ? undefined : { ...args, [name]: added };
}

function withValueInside(inner: unknown, path: readonly string[], value: unknown, create: boolean): unknown {
  if (isJsonObject(inner)) return withValueAt(inner, path, value, create);
  if (!Array.isArray(inner)) return undefined;
  const items = inner.map((item) => withValueInside(item, path, value, create));
  return items.includes(undefined) ? undefined : items;
}
