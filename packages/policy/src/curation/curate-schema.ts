import type { ToolDefinition } from '../documents/definition.ts';
import { isJsonObject, walkObjects, type JsonObject } from '../documents/json.ts';
import type { ArgumentRule } from '../documents/profile.ts';
import { SchemaTooComplex } from '../limits/schema-too-complex.ts';
import { withPlainReferences } from '../schema/plain-references.ts';
import { isHidden, buildRuleTree, type RuleTree } from './argument-path.ts';
import { restrictSchema } from './restrict-schema.ts';
import { createReferenceResolver } from './schema-reference.ts';
import { withoutUnusedDefinitions } from './unused-definitions.ts';

export { SchemaTooComplex };
export type InputSchema = ToolDefinition['inputSchema'];

/** What the rules of a tool met in its schema. */
export interface Curation {
  schema: InputSchema;
  /** the sub-schemas that declare the argument of a rule; for a restricted list those of its items. Empty: it is not declared */
  declared: ReadonlyMap<ArgumentRule, readonly unknown[]>;
  /** rules whose argument stands inside the items of a list */
  inList: ReadonlySet<ArgumentRule>;
  /** rules that hide an argument which has to be sent */
  required: ReadonlySet<ArgumentRule>;
  /** rules that hide an argument on which the schema has a condition */
  conditional: ReadonlySet<ArgumentRule>;
  /** rules that restrict what cannot be restricted: an object, or a list with fixed positions */
  unrestrictable: ReadonlySet<ArgumentRule>;
}

/** Sub-schemas looked at for one tool. */
const MAX_STEPS = 20_000;

/**
 * The schema that a profile advertises for a tool: hidden and pinned arguments are gone, restricted ones show their values, everything else
 * stays as the server wrote it, in its order. A reference is written out only where something behind it changes; where a schema refers by identifiers, anchors or dynamically,
 * its references become pointers, because what stands in another place would lead elsewhere. `tools/list`, the check of calls and the preview in the console all use this.
 * Pure. Throws SchemaTooComplex.
 */
export function curateInputSchema(schema: InputSchema, rules: readonly ArgumentRule[]): InputSchema {
  return curate(schema, rules).schema;
}

/** Like `curateInputSchema`, and also says what each rule found in the schema, once its references are plain: which arguments it applies to and where they stand. */
export function curate(given: InputSchema, rules: readonly ArgumentRule[]): Curation {
  const schema = rules.length === 0 ? given : withPlainReferences(given);
  const walk = new Walk(schema);
  if (rules.length === 0) return { schema, ...walk.met };
  const curated = walk.curatePart(schema, buildRuleTree(rules), { list: false, certain: true });
  const next: InputSchema = { ...(isJsonObject(curated) ? curated : {}), type: 'object' };
  return { schema: curated === schema ? schema : withoutUnusedDefinitions(next), ...walk.met };
}

interface Where {
  /** inside the items of a list */
  list: boolean;
  /** holds for every value: not inside an alternative */
  certain: boolean;
}

class Walk {
  readonly met = {
    declared: new Map<ArgumentRule, unknown[]>(),
    inList: new Set<ArgumentRule>(),
    required: new Set<ArgumentRule>(),
    conditional: new Set<ArgumentRule>(),
    unrestrictable: new Set<ArgumentRule>(),
  };
  readonly #resolve: (reference: string) => unknown;
  readonly #open = new Map<unknown, Set<RuleTree>>();
  #steps = 0;

  constructor(schema: JsonObject) {
    this.#resolve = createReferenceResolver(schema);
  }

  /** A sub-schema that looks at an object which holds arguments, or at a list of such objects. The same object when nothing changes. */
  curatePart(node: unknown, rules: RuleTree, where: Where): unknown {
    if (!isJsonObject(node) || rules.children.size === 0) return node;
    if ((this.#steps += 1) > MAX_STEPS) throw new SchemaTooComplex();
    const open = this.#open.get(node) ?? new Set();
    if (open.has(rules)) return node;
    this.#open.set(node, open.add(rules));
    try {
      const own = this.#curateKeywords(node, rules, where);
      return typeof own['$ref'] === 'string'
        ? this.#expandReference(own, (target) => this.curatePart(target, rules, where))
        : own;
    } finally {
      open.delete(rules);
    }
  }

  #curateKeywords(node: JsonObject, rules: RuleTree, where: Where): JsonObject {
    const entries = Object.entries(node);
    const next = entries.flatMap(([key, value]): [string, unknown][] => {
      const changed = this.#curateKeyword(key, value, rules, where);
      return changed === undefined ? [] : [[key, changed]];
    });
    const same = next.length === entries.length && next.every(([, value], index) => value === entries[index]?.[1]);
    return same ? node : Object.fromEntries(next);
  }

  #curateKeyword(key: string, value: unknown, rules: RuleTree, where: Where): unknown {
    if (IN_PLACE.has(key)) {
      const inside = { list: where.list || OF_ITEMS.has(key), certain: where.certain && !ALTERNATIVE.has(key) };
      return Array.isArray(value)
        ? mapList(value, (part) => this.curatePart(part, rules, inside))
        : this.curatePart(value, rules, inside);
    }
    switch (key) {
      case 'properties':
        return isJsonObject(value) ? this.#curateProperties(value, rules, where) : value;
      case 'required':
        return Array.isArray(value) ? this.#curateRequired(value, rules, where) : value;
      case 'dependentSchemas':
      case 'dependentRequired':
      case 'dependencies':
        return this.#curateDependencies(value, rules, where);
      case 'if':
      case 'not':
        this.#markConditional(value, rules);
        return value;
      case 'default':
      case 'examples':
        return mentionsHidden(value, rules) ? undefined : value;
      default:
        return value;
    }
  }

  #curateProperties(properties: JsonObject, rules: RuleTree, where: Where): JsonObject {
    const entries = Object.entries(properties).flatMap(([name, value]): [string, unknown][] => {
      const here = rules.children.get(name);
      if (!here) return [[name, value]];
      if (here.rule && where.list) this.met.inList.add(here.rule);
      if (isHidden(here)) {
        this.#declare(here.rule, value);
        return [];
      }
      const inner = this.curatePart(value, here, where);
      return [[name, here.rule?.kind === 'restrict' ? this.#restrict(inner, here.rule) : inner]];
    });
    const same =
      entries.length === Object.keys(properties).length && entries.every(([name, value]) => value === properties[name]);
    return same ? properties : Object.fromEntries(entries);
  }

  #restrict(node: unknown, rule: Extract<ArgumentRule, { kind: 'restrict' }>): unknown {
    const result = restrictSchema(node, rule.values, (part, change) => this.#expandReference(part, change));
    for (const place of result.places) this.#declare(rule, place);
    if (!result.complete) this.met.unrestrictable.add(rule);
    return result.schema;
  }

  #curateRequired(names: unknown[], rules: RuleTree, where: Where): unknown {
    const kept = names.filter((name) => {
      const here = typeof name === 'string' ? rules.children.get(name) : undefined;
      if (!here?.rule || !isHidden(here)) return true;
      if (where.certain && here.rule.kind === 'hide') this.met.required.add(here.rule);
      return false;
    });
    if (kept.length === names.length) return names;
    return kept.length === 0 ? undefined : kept;
  }

  #curateDependencies(value: unknown, rules: RuleTree, where: Where): unknown {
    if (!isJsonObject(value)) return value;
    const entries = Object.entries(value).flatMap(([name, part]): [string, unknown][] => {
      if (isHidden(rules.children.get(name))) return [];
      if (Array.isArray(part)) return [[name, this.#curateRequired(part, rules, { ...where, certain: false }) ?? []]];
      return [[name, this.curatePart(part, rules, { ...where, certain: false })]];
    });
    const same = entries.length === Object.keys(value).length && entries.every(([name, part]) => part === value[name]);
    return same ? value : Object.fromEntries(entries);
  }

  /** Marks hidden arguments that a condition looks at: callers cannot send them, so the condition would be decided without them. */
  #markConditional(value: unknown, rules: RuleTree): void {
    const names = new Set(
      [...walkObjects(value)].flatMap((node) => [
        ...(isJsonObject(node['properties']) ? Object.keys(node['properties']) : []),
        ...listTexts(node['required']),
      ]),
    );
    for (const [name, rule] of listHiddenRules(rules)) if (names.has(name)) this.met.conditional.add(rule);
  }

  #declare(rule: ArgumentRule | null, place: unknown): void {
    if (rule) this.met.declared.set(rule, [...(this.met.declared.get(rule) ?? []), place]);
  }

  /** Writes a reference out when `change` changes what it refers to. */
  #expandReference(node: JsonObject, change: (target: unknown) => unknown): JsonObject {
    const { $ref, ...siblings } = node;
    const target = typeof $ref === 'string' ? this.#resolve($ref) : undefined;
    const changed = change(target);
    if (!isJsonObject(changed) || changed === target) return node;
    const inner = Object.fromEntries(Object.entries(changed).filter(([key]) => !OF_ITS_PLACE.has(key)));
    const clash = Object.keys(siblings).some(
      (key) => Object.hasOwn(inner, key) && !ANNOTATIONS.has(key) && siblings[key] !== inner[key],
    );
    if (!clash) return { ...inner, ...siblings };
    const others: unknown[] = Array.isArray(siblings['allOf']) ? siblings['allOf'] : [];
    return { ...siblings, allOf: [...others, inner] };
  }
}

/** Keywords whose sub-schemas look at the same value or at the items of a list. */
const OF_ITEMS = new Set(['items', 'prefixItems', 'additionalItems', 'contains']);
const ALTERNATIVE = new Set(['anyOf', 'oneOf', 'then', 'else']);
const IN_PLACE = new Set([...OF_ITEMS, ...ALTERNATIVE, 'allOf']);

/** Keywords that belong to the place where a sub-schema stands, not to what it says. */
const OF_ITS_PLACE = new Set([
  '$id',
  '$schema',
  '$anchor',
  '$dynamicAnchor',
  '$recursiveAnchor',
  '$defs',
  'definitions',
  '$comment',
]);
/** Keywords that check nothing: the place of use overrides the place of definition. */
const ANNOTATIONS = new Set(['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly']);

function listTexts(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value) ? value : [];
  return items.filter((item) => typeof item === 'string');
}

function listHiddenRules(rules: RuleTree): [name: string, rule: ArgumentRule][] {
  return [...rules.children].flatMap(([name, here]): [string, ArgumentRule][] =>
    here.rule && isHidden(here) ? [[name, here.rule]] : listHiddenRules(here),
  );
}

function mapList(value: unknown, change: (part: unknown) => unknown): unknown {
  if (!Array.isArray(value)) return value;
  const parts: unknown[] = value;
  const next = parts.map(change);
  return next.every((part, index) => part === parts[index]) ? value : next;
}

function mentionsHidden(value: unknown, rules: RuleTree): boolean {
  if (Array.isArray(value)) return value.some((item) => mentionsHidden(item, rules));
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(([name, inner]) => {
    const here = rules.children.get(name);
    return here !== undefined && (here.rule !== null || mentionsHidden(inner, here));
  });
}
