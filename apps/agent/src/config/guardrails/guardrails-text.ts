import { normalize } from 'node:path';

import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';

import { type InputProblem, listInputProblems } from '@gatehouse/process/input-problems';

import { GuardrailsFile, SoundParts } from './guardrails-file.ts';
import { findBarrier } from './host-pattern.ts';

export interface ReadText {
  /** what of the file can be used */
  parts: SoundParts;
  /** all that is wrong, from the top of the file down */
  problems: (InputProblem & { line: number | null })[];
  /** of what stands at a place of the file, or of the nearest above it that stands there */
  findLine: (path: readonly PropertyKey[]) => number | null;
}

/** Reads the YAML of a guardrails file: what it says, and all that is wrong with its form and its meaning, whatever of it is wrong besides. */
export function readGuardrailsText(text: string): ReadText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const findLine = (path: readonly PropertyKey[]) => {
    const offset = findOffset(document, path);
    return offset === null ? null : lines.linePos(offset).line;
  };
  const spelling = [...document.errors, ...document.warnings].map(({ message, pos: [offset] }) => ({
    path: [],
    text: `is not YAML that can be used: ${message}`,
    line: lines.linePos(offset).line,
  }));
  const { value, problem } = document.errors.every(({ code }) => code === 'DUPLICATE_KEY') ? toValue(document) : UNREAD;
  const { data, error } = GuardrailsFile.safeParse(value);
  const parts = data ?? SoundParts.safeParse(value).data ?? SoundParts.parse({});
  const found = [...(problem ?? []), ...(error ? listInputProblems(error) : []), ...listContradictions(parts)];
  const located = found.map((one) => ({ ...one, line: findLine(one.path) }));
  return { parts, problems: [...spelling, ...located].toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)), findLine };
}

const UNREAD: Value = { value: {}, problem: null };

interface Value {
  value: unknown;
  problem: InputProblem[] | null;
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

/** What is right by itself, and cannot be beside the rest of the file. */
function listContradictions({ stdio, http, credentials }: SoundParts): InputProblem[] {
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
      const barrier = origin === null ? null : findBarrier(http, new URL(origin));
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
