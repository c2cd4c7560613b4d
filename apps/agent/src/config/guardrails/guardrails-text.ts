import { normalize } from 'node:path';

import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';

import { type InputProblem, listInputProblems } from '@gatehouse/process/input-problems';

import { GuardrailsFile, SoundParts } from './guardrails-file.ts';
import { addRemedy, describeSpelling } from './guardrails-words.ts';
import { findBarrier, type HostBounds } from './host-pattern.ts';
import { findWidthProblem } from './host-width.ts';

export interface ReadText {
  /** what of the file can be used */
  parts: SoundParts;
  /** nothing stands in it but comments */
  isEmpty: boolean;
  /** of the hosts those that are written right */
  http: HostBounds;
  /** all that is wrong, from the top of the file down */
  problems: (InputProblem & { line: number | null })[];
  /** of what stands at a place of the file, or of the nearest above it that stands there */
  findLine: (path: readonly PropertyKey[]) => number | null;
}

/** Reads the YAML of a guardrails file: what it says, and all that is wrong with its form and its meaning, whatever of it is wrong besides. */
export async function readGuardrailsText(text: string): Promise<ReadText> {
  const lines = new LineCounter();
  // a tag would make something else of what is written: a set, or names in an order, in which no name is found
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, resolveKnownTags: false });
  const toLine = (offset: number | null) => (offset === null ? null : lines.linePos(offset).line);
  const spelling = [...document.errors, ...document.warnings].map((error) => ({
    path: [],
    text: `is not YAML that can be used: ${describeSpelling(error)}`,
    offset: error.pos[0],
  }));
  const { value, problem } = document.errors.every(({ code }) => code === 'DUPLICATE_KEY') ? toValue(document) : UNREAD;
  const { data, error } = GuardrailsFile.safeParse(value);
  const parts = data ?? SoundParts.safeParse(value).data ?? SoundParts.parse({});
  const http = toBounds(parts);
  const told = [...(problem ?? []), ...(error ? listInputProblems(error) : [])];
  const found = [...told, ...listUnread(document.contents, told), ...(await listWide(parts)), ...listContradictions(parts, http)];
  const located = found.map((one) => ({ ...one, text: addRemedy(one), offset: findOffset(document, one.path) }));
  const problems = [...spelling, ...located]
    .toSorted((a, b) => (a.offset ?? -1) - (b.offset ?? -1))
    .map(({ offset, ...one }) => ({ ...one, line: toLine(offset) }));
  const isEmpty = document.contents === null;
  return { parts, isEmpty, http, problems, findLine: (path) => toLine(findOffset(document, path)) };
}

const UNREAD: Value = { value: {}, problem: null };

interface Value {
  value: unknown;
  problem: InputProblem[] | null;
}

function toBounds({ http }: SoundParts): HostBounds {
  const isSound = (host: string | null): host is string => host !== null;
  return { hosts: http.hosts.filter(isSound), privateHosts: http.privateHosts.filter(isSound) };
}

/** Names that a schema passes over without a word wherever any name may stand, so that nobody would know that what is below them counts for nothing. */
function listUnread(node: unknown, told: readonly InputProblem[], path: readonly PropertyKey[] = []): InputProblem[] {
  if (isSeq(node)) return node.items.flatMap((item, index) => listUnread(item, told, [...path, index]));
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }) => {
    const at = [...path, isScalar(key) ? String(key.value) : ''];
    if (at.at(-1) !== '__proto__') return listUnread(value, told, at);
    return told.some((problem) => problem.path.join('.') === at.join('.'))
      ? []
      : [{ path: at, text: 'cannot be a name: write another one' }];
  });
}

function toValue(document: Document): Value {
  try {
    return { value: document.toJS() ?? {}, problem: null };
  } catch (error) {
    // an alias of nothing, or aliases that stand for far more than is written
    return {
      value: {},
      problem: [{ path: [], text: `is not YAML that can be used: ${error instanceof Error ? error.message : String(error)}` }],
    };
  }
}

/** Where the name or item at a path begins; null when not even its first part stands there. */
function findOffset(document: Document, path: readonly PropertyKey[]): number | null {
  let at: unknown = document.contents;
  let found: number | null = null;
  for (const part of path) {
    const node = isAlias(at) ? at.resolve(document) : at;
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part)) : undefined;
    const item = isSeq(node) ? node.items[Number(part)] : pair?.key;
    if (!isNode(item)) break;
    found = item.range?.[0] ?? found;
    at = pair ? pair.value : item;
  }
  return found;
}

/** Patterns that stand for hosts of everybody. */
async function listWide({ http }: SoundParts): Promise<InputProblem[]> {
  const ownDomains = http.ownDomains.filter((domain) => domain !== null);
  const patterns = (['hosts', 'privateHosts'] as const).flatMap((list) =>
    http[list].map((pattern, index) => ({ pattern, path: ['http', list, index] })),
  );
  const found: InputProblem[] = [];
  for (const { pattern, path } of patterns) {
    const text = pattern === null ? null : await findWidthProblem(pattern, ownDomains);
    if (text !== null) found.push({ path, text });
  }
  return found;
}

/** What is right by itself, and cannot be beside the rest of the file. */
function listContradictions({ stdio, credentials }: SoundParts, bounds: HostBounds): InputProblem[] {
  const references = credentials.map((credential) => credential?.reference && normalize(credential.reference));
  const repeated = references.flatMap((reference, index) => {
    const first = references.indexOf(reference);
    if (!reference || first === index) return [];
    return {
      path: ['credentials', index, 'reference'],
      text: `stands under credentials.${first} too: keep one entry with all origins`,
    };
  });
  const unreached = credentials.flatMap((credential, index) =>
    (credential?.origins ?? []).flatMap((origin, place) => {
      const barrier = origin === null ? null : findBarrier(bounds, new URL(origin));
      return barrier === null ? [] : { path: ['credentials', index, 'origins', place], text: `is never reached: ${barrier}` };
    }),
  );
  const shown = Object.entries(stdio).flatMap(([name, entry]) => {
    const written = new Set(entry?.write?.map((path) => normalize(path)));
    const text = 'stands under write too: keep one of the two';
    return (entry?.read ?? []).flatMap((path, index) =>
      written.has(normalize(path)) ? { path: ['stdio', name, 'read', index], text } : [],
    );
  });
  return [...repeated, ...unreached, ...shown];
}
