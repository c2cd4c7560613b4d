import fc from 'fast-check';
import { expect, test } from 'vitest';

import { compileSnapshot } from '../src/compile/compile-snapshot.ts';
import { foldName } from '../src/compile/name-collisions.ts';
import type { JsonObject } from '../src/documents/json.ts';
import type { ArgumentRule } from '../src/documents/profile.ts';
import { evaluate, type ProposedCall } from '../src/evaluate.ts';
import { makeProfile, makePrompt, makeResource, makeServer, makeSnapshot, makeTemplate, makeTool } from '../src/testing/build.ts';

const server = makeServer();
const NAMES = ['a', 'b', 'c', 'd'] as const;
const VALUES = ['x', 'y', 'z'];

const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/);
const names = fc.uniqueArray(name, { selector: foldName, maxLength: 8 });
const word = fc.stringMatching(/^[a-z]{1,4}$/);
const guess = fc.oneof(name, fc.string(), fc.constantFrom('__proto__', 'constructor', ''));

/** For each argument what the profile does with it. */
const treatments = fc.record(
  Object.fromEntries(NAMES.map((key) => [key, fc.constantFrom('leave', 'hide', 'pin', 'restrict', 'undeclared')])),
);

test('T-44: what is listed is exactly what can be called, for tools, prompts and resources', () => {
  const model = fc.record({
    tools: names,
    rules: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
    prompts: names,
    addresses: fc.uniqueArray(word, { maxLength: 6 }),
    templates: fc.uniqueArray(word, { maxLength: 3 }),
    guesses: fc.array(guess, { maxLength: 6 }),
  });
  fc.assert(
    fc.property(model, ({ tools, rules, prompts, addresses, templates, guesses }) => {
      const profile = makeProfile([
        ...tools.map((advertisedName, index) =>
          makeTool(server, { name: `tool-${index}` }, { advertisedName, rule: rules[index] ? 'allow' : 'deny' }),
        ),
        ...prompts.map((advertisedName, index) => makePrompt(server, { name: `prompt-${index}` }, { advertisedName })),
        ...addresses.map((address) => makeResource(server, { uri: `one://${address}` })),
        ...templates.map((host) => makeTemplate(server, { uriTemplate: `many://${host}/{id}` })),
      ]);
      const own = (kind: 'tool' | 'prompt') => profile.entries.filter((entry) => entry.kind === kind).map((entry) => entry.name);
      const compiled = compileSnapshot(makeSnapshot({ servers: [server], profiles: [profile] }));
      const lists = compiled.profilesBySlug.get('support')?.lists;
      if (!lists) throw new Error('no profile');
      const allowed = (call: Call) => evaluate(compiled, { profileSlug: 'support', ...call }).kind === 'allow';

      const listed = new Set(lists.tools.map((tool) => tool.name));
      for (const tried of [...tools, ...own('tool'), ...prompts, ...guesses]) {
        expect(allowed({ method: 'tools/call', name: tried, arguments: {} })).toBe(listed.has(tried));
      }
      const listedPrompts = new Set(lists.prompts.map((prompt) => prompt.name));
      for (const tried of [...prompts, ...own('prompt'), ...tools, ...guesses]) {
        expect(allowed({ method: 'prompts/get', name: tried })).toBe(listedPrompts.has(tried));
      }
      const listedAddresses = new Set(lists.resources.map(({ uri }) => uri));
      for (const tried of [
        ...addresses.map((address) => `one://${address}`),
        ...guesses.map((text) => `one://${text}`),
        ...guesses,
      ]) {
        expect(allowed({ method: 'resources/read', uri: tried })).toBe(listedAddresses.has(tried));
      }
      for (const host of [...templates, ...addresses]) {
        const described = lists.resourceTemplates.some(({ uriTemplate }) => uriTemplate === `many://${host}/{id}`);
        expect(allowed({ method: 'resources/read', uri: `many://${host}/7` })).toBe(described);
        expect(allowed({ method: 'resources/read', uri: `many://${host}/7/8` })).toBe(false);
      }
    }),
  );
});

type Call = ProposedCall extends infer Each ? (Each extends ProposedCall ? Omit<Each, 'profileSlug'> : never) : never;

test('T-44: an argument is accepted exactly when the listed schema shows it, and what is sent is what was decided', () => {
  const call = fc.dictionary(fc.constantFrom(...NAMES, 'other'), fc.constantFrom(...VALUES, 'pinned', 1));
  fc.assert(
    fc.property(treatments, call, fc.boolean(), (treatment, args, open) => {
      const declared = NAMES.filter((key) => treatment[key] !== 'undeclared');
      const inputSchema = {
        type: 'object' as const,
        properties: Object.fromEntries(declared.map((key) => [key, { type: 'string' }])),
        ...(open ? { additionalProperties: true } : {}),
      };
      const rules = declared.flatMap((key): ArgumentRule[] => {
        const argument = `/${key}`;
        if (treatment[key] === 'hide') return [{ kind: 'hide', argument }];
        if (treatment[key] === 'pin') return [{ kind: 'pin', argument, value: 'pinned' }];
        return treatment[key] === 'restrict' ? [{ kind: 'restrict', argument, values: ['x', 'y'] }] : [];
      });
      const tool = makeTool(server, { inputSchema }, { arguments: rules });
      const compiled = compileSnapshot(makeSnapshot({ servers: [server], profiles: [makeProfile([tool])] }));
      const decision = evaluate(compiled, { profileSlug: 'support', method: 'tools/call', name: 'orders.get', arguments: args });

      const [listed] = compiled.profilesBySlug.get('support')?.lists.tools ?? [];
      const shown = getProperties(listed?.inputSchema);
      const hidden = declared.filter((key) => treatment[key] === 'hide' || treatment[key] === 'pin');
      expect(Object.keys(shown)).toEqual(declared.filter((key) => !hidden.includes(key)));
      const fits = Object.entries(args).every(([key, value]) => {
        const schema = shown[key];
        if (schema) return typeof value === 'string' && (!schema.enum || schema.enum.includes(value));
        return open && !hidden.some((name) => name === key);
      });
      expect(decision.kind === 'allow').toBe(fits);
      if (decision.kind !== 'allow' || decision.target.kind !== 'tool') return;
      const pinned = declared.filter((key) => treatment[key] === 'pin').map((key) => [key, 'pinned']);
      expect(decision.target.arguments).toEqual({ ...args, ...Object.fromEntries(pinned) });
    }),
  );
});

function getProperties(schema: JsonObject | undefined): Record<string, { enum?: unknown[] }> {
  return (schema?.['properties'] ?? {}) as Record<string, { enum?: unknown[] }>;
}
