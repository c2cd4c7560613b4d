import * as z from 'zod';

import { FieldPointer } from './profile.ts';

/**
 * How an argument was brought into the form that its tool takes. `null_dropped`: null in place of an argument that may be missing. `text_read`: a number, true or
 * false that was written as text. `json_read`: an object or a list that was written as JSON text. `default_added`: the default of the
 * tool for a required argument that was missing.
 */
export const ArgumentChangeRule = z.enum(['null_dropped', 'text_read', 'json_read', 'default_added']);
export type ArgumentChangeRule = z.infer<typeof ArgumentChangeRule>;

/** Most paths that are named. */
export const MAX_NAMED_CHANGES = 64;

/** What was changed of the arguments of a call: paths and rules, never a value. */
export const ArgumentChanges = z.object({
  /** '*' stands for every item of a list, and for a key that the tool does not declare */
  named: z
    .array(z.object({ path: FieldPointer, rule: ArgumentChangeRule }))
    .min(1)
    .max(MAX_NAMED_CHANGES),
  /** beside those that are named */
  more: z.int().positive().optional(),
});
export type ArgumentChanges = z.infer<typeof ArgumentChanges>;

/** Collects what is changed, each path once under each rule. */
export class ArgumentChangeLog {
  readonly #named = new Map<string, { path: string; rule: ArgumentChangeRule }>();

  get isEmpty(): boolean {
    return this.#named.size === 0;
  }

  add(path: readonly string[], rule: ArgumentChangeRule): void {
    const pointer = path
      .slice(0, MAX_SEGMENTS)
      .map((segment) => `/${segment.length > MAX_SEGMENT || segment === '' ? '*' : segment}`);
    const change = { path: pointer.join(''), rule };
    this.#named.set(`${rule} ${change.path}`, change);
  }

  toChanges(): ArgumentChanges {
    const all = [...this.#named.values()];
    const more = all.length - MAX_NAMED_CHANGES;
    return { named: all.slice(0, MAX_NAMED_CHANGES), ...(more > 0 && { more }) };
  }
}

const MAX_SEGMENTS = 16;
const MAX_SEGMENT = 128;
