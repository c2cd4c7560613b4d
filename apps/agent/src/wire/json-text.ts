import { isExactNumber } from '@gatehouse/policy/documents/exact-number';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { hasManyContainers, JsonTooRich, MOST_DEPTH, refuseContainers, refuseDepth } from './json-bounds.ts';
import { isAsciiAlone, joinPieces, JsonParts, toBody, type Piece } from './json-parts.ts';
import { scanJson, type JsonCensor, type JsonScan, type Member } from './json-scan.ts';
import { parseJson } from './long-texts.ts';
import { parseExactly } from './parse-exactly.ts';

// What others sent is handed on as they wrote it. A value that was read remembers its text, and whoever makes another value out of it makes
// one without a text, or says by `keepText` what it was made of. So nothing that was changed can go out as it was before.

/** Where the text of a value stands. */
interface Source {
  whole: string;
  start: number;
  end: number;
  members: readonly Member[] | null;
  scan: TextForm;
  /** the whole is known to be ASCII */
  isAscii: boolean;
  /** all of it, where it was put together here */
  pieces?: readonly Piece[];
}

/** How a text has to be looked at by who looks for something in it. */
type TextForm = Pick<JsonScan, 'plain' | 'respelled'>;

const sources = new WeakMap<object, Source>();

/** A JSON value, and where each part of it stands in its text; null when it may not be handed on as it is written. */
export interface ReadJson {
  value: unknown;
  source: Source | null;
}

/**
 * Reads a JSON text. A number that no double keeps becomes its digits. Null when it is no JSON.
 * Throws JsonTooRich when it has more parts or levels than are read, and what the censor throws.
 * `isAscii`: it is known to have no other characters, which spares some looks at each.
 * Of a key that stands twice in an object the last one counts, and such a text is not handed on as it is: others may read the first.
 */
export function readJsonText(text: string, censor: JsonCensor | null = null, isAscii = false): ReadJson | null {
  if (hasManyContainers(text)) refuseContainers();
  let value = parse(text);
  if (value === undefined) return null;
  const scan = scanJson(text, censor);
  if (scan.depth > MOST_DEPTH) refuseDepth();
  if (scan.exact.length + scan.escaped.length > 0) value = parseExactly(text, scan);
  // what refuses every key that stands twice has seen them all
  const isWhole = censor !== null || scan.keys === countKeys(value);
  return { value, source: isWhole ? { whole: text, start: 0, end: text.length, members: scan.members, scan, isAscii } : null };
}

/** As `readJsonText`, for who does the same with a text of too many parts as with one that is no JSON: null for both. */
export function readBoundedText(text: string): ReadJson | null {
  try {
    return readJsonText(text);
  } catch (error) {
    if (error instanceof JsonTooRich) return null;
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Keys of all objects in a value. */
function countKeys(value: unknown): number {
  const open: unknown[] = [value];
  let keys = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null || isExactNumber(next)) continue;
    const held: unknown[] = Array.isArray(next) ? next : Object.values(next);
    if (held !== next) keys += held.length;
    for (const item of held) if (typeof item === 'object' && item !== null) open.push(item);
  }
  return keys;
}

/** The items of a list, each as if it had been read alone; null when the value is no list. */
export function splitList({ value, source }: ReadJson): ReadJson[] | null {
  if (!Array.isArray(value)) return null;
  const items: unknown[] = value;
  return items.map((item, at) => {
    const own = source?.members?.[at];
    return { value: item, source: source && own ? enter(source, own) : null };
  });
}

/** The value remembers the text that it was read from. */
export function rememberText({ value, source }: ReadJson): void {
  if (source && typeof value === 'object' && value !== null) sources.set(value, source);
}

/** The named members of an object that remembers its text remember theirs. */
export function rememberMembers(holder: JsonObject, names: Iterable<string>): void {
  const source = sources.get(holder);
  if (!source) return;
  let find: ((name: string) => Member | undefined) | null = null;
  for (const name of names) {
    const member = Object.hasOwn(holder, name) ? holder[name] : undefined;
    if (typeof member !== 'object' || member === null || sources.has(member)) continue;
    // once for all of them: a client chooses how many there are
    find ??= openMembers(source);
    const at = find(name);
    if (at) sources.set(member, enter(source, at));
  }
}

/** A member of what was read, as if it had been read alone. */
export function getMember({ value, source }: ReadJson, name: string): ReadJson {
  const isOwn = isJsonObject(value) && Object.hasOwn(value, name);
  return { value: isOwn ? value[name] : undefined, source: source && findMember(source, name) };
}

/**
 * Says that a value was made out of another one: what is still the same in both is written as it came, letter for letter, and the rest anew.
 * Returns the value.
 */
export function keepText<T>(changed: T, original: unknown): T {
  if (changed === original || typeof changed !== 'object' || changed === null || sources.has(changed)) return changed;
  const source = typeof original === 'object' && original !== null ? sources.get(original) : undefined;
  if (!source) {
    keepMembers(changed, original);
    return changed;
  }
  const form = { plain: source.scan.plain, respelled: source.scan.respelled };
  const parts = new JsonParts();
  new Rewriting(form, parts).write(changed, original, source, MOST_LEVELS);
  const pieces = parts.list();
  const whole = joinPieces(pieces);
  const isAscii = source.isAscii && isAsciiAlone(pieces);
  sources.set(changed, { whole, start: 0, end: whole.length, members: null, scan: form, isAscii, pieces });
  return changed;
}

/** A copy of a value that does not remember how it came, and is written anew. */
export function dropText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropText);
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, dropText(item)])) : value;
}

/** A value that was put together here may hold what was read. */
function keepMembers(changed: object, original: unknown): void {
  if (!isJsonObject(changed) || !isJsonObject(original)) return;
  for (const [name, value] of Object.entries(changed)) if (Object.hasOwn(original, name)) keepText(value, original[name]);
}

/** What lies deeper is written anew where something in it has changed. */
const MOST_LEVELS = 64;

/** Writes a value that was made out of another one, and notes in `form` how what it is put together of has to be looked at. */
class Rewriting {
  readonly #form: TextForm;
  readonly #parts: JsonParts;

  constructor(form: TextForm, parts: JsonParts) {
    this.#form = form;
    this.#parts = parts;
  }

  write(changed: unknown, original: unknown, source: Source, levels: number): void {
    if (isUnchanged(changed, original)) return addSource(this.#parts, source);
    if (levels === 0 || (typeof changed === 'object' && changed !== null && sources.has(changed)))
      return this.#writeAnew(changed);
    if (Array.isArray(changed) && Array.isArray(original)) return this.#writeList(changed, original, source, levels);
    if (!isJsonObject(changed) || !isJsonObject(original)) return this.#writeAnew(changed);
    this.#writeObject(changed, original, source, levels);
  }

  #writeList(changed: readonly unknown[], original: readonly unknown[], source: Source, levels: number): void {
    const { members, offset } = listMembers(source);
    for (const [at, item] of changed.entries()) {
      this.#parts.add(at === 0 ? '[' : ',');
      const own = members[at];
      if (own) this.write(item, original[at], enter(source, moveMember(own, offset)), levels - 1);
      else this.#writeAnew(item);
    }
    this.#parts.add(changed.length === 0 ? '[]' : ']');
  }

  #writeObject(changed: JsonObject, original: JsonObject, source: Source, levels: number): void {
    const { whole } = source;
    const find = openMembers(source);
    let next = '{';
    for (const name of Object.keys(changed)) {
      const value = changed[name];
      if (value === undefined) continue;
      const at = Object.hasOwn(original, name) ? find(name) : undefined;
      this.#parts.add(`${next}${at ? whole.slice(at.keyStart, at.keyEnd) : writeKey(name)}:`);
      next = ',';
      if (!at) this.#writeAnew(value);
      else if (isUnchanged(value, original[name])) this.#parts.add(whole.slice(at.start, at.end), source.isAscii);
      else this.write(value, original[name], enter(source, at), levels - 1);
    }
    this.#parts.add(next === '{' ? '{}' : '}');
  }

  /** What remembers another text is written as that. */
  #writeAnew(value: unknown): void {
    writeParts(value, FOREIGN_LEVELS, this.#form, this.#parts);
  }
}

function isUnchanged(changed: unknown, original: unknown): boolean {
  if (Object.is(changed, original)) return true;
  return isExactNumber(changed) && isExactNumber(original) && changed.rawJSON === original.rawJSON;
}

function getSlice({ whole, start, end }: Source): string {
  return whole.slice(start, end);
}

function addSource(parts: JsonParts, source: Source): void {
  if (!source.pieces) return parts.add(getSlice(source), source.isAscii);
  for (const { text, isAscii } of source.pieces) parts.add(text, isAscii);
}

function listMembers(source: Source): { members: readonly Member[]; offset: number } {
  if (source.members) return { members: source.members, offset: 0 };
  return { members: scanJson(getSlice(source)).members, offset: source.start };
}

/** Of up to so many members each is looked for among all: a table of them costs more. */
const FEW_MEMBERS = 8;

/** Where the members of an object stand, by name. */
function openMembers(source: Source): (name: string) => Member | undefined {
  const { members, offset } = listMembers(source);
  if (members.length > FEW_MEMBERS) {
    const places = mapNames(source);
    return (name) => places.get(name);
  }
  return (name) => {
    const found = members.find((member) => isNamed(source, member, offset, name));
    return found && moveMember(found, offset);
  };
}

/** Whether a key reads so. Mostly it is written as it reads. */
function isNamed(source: Source, member: Member, offset: number, name: string): boolean {
  const { whole } = source;
  const start = offset + member.keyStart + 1;
  const isSame = member.keyEnd - member.keyStart === name.length + 2 && whole.startsWith(name, start);
  return isSame && !name.includes('\\') ? true : readName(source, member, offset) === name;
}

function mapNames(source: Source): Map<string, Member> {
  const { members, offset } = listMembers(source);
  return new Map(members.map((member) => [readName(source, member, offset), offset === 0 ? member : moveMember(member, offset)]));
}

function readName({ whole }: Source, { keyStart, keyEnd }: Member, offset: number): string {
  const raw = whole.slice(offset + keyStart, offset + keyEnd);
  return raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1);
}

function findMember(source: Source, name: string): Source | null {
  const { members, offset } = listMembers(source);
  const found = members.find((member) => isNamed(source, member, offset, name));
  return found ? enter(source, moveMember(found, offset)) : null;
}

function enter({ whole, scan, isAscii }: Source, { start, end, members }: Member): Source {
  return { whole, start, end, members, scan, isAscii };
}

function moveMember(member: Member, offset: number): Member {
  if (offset === 0) return member;
  const { keyStart, keyEnd, start, end, members } = member;
  return {
    keyStart: keyStart + offset,
    keyEnd: keyEnd + offset,
    start: start + offset,
    end: end + offset,
    members: members && members.map((each) => moveMember(each, offset)),
  };
}

/** A value as it is sent, and how it has to be looked at. */
export interface WrittenJson {
  pieces: readonly Piece[];
  /** the text is what `JSON.stringify` would write, so that who looks for something in it need not look at the value */
  plain: boolean;
  /** numbers are written in another way than they read */
  respelled: boolean;
}

/** Where foreign values lie in a message: `params`, `arguments` in them, answers to questions in these, and one more. */
const FOREIGN_LEVELS = 4;

/** The JSON of a message. What remembers its text is written as it came. */
export function writeJson(value: unknown): string {
  return joinPieces(writeForReader(value).pieces);
}

/** The same as it is sent: a long one as bytes. */
export function writeBody(value: unknown): string | Buffer {
  return toBody(writeForReader(value).pieces);
}

/** The text that a value remembers, where `JSON.stringify` would write the very same; undefined where it has to be written. */
export function getPlainJson(value: unknown): string | undefined {
  const source = typeof value === 'object' && value !== null ? sources.get(value) : undefined;
  return source?.scan.plain === true ? getSlice(source) : undefined;
}

export function writeForReader(value: unknown): WrittenJson {
  const form = { plain: true, respelled: false };
  const parts = new JsonParts();
  writeParts(value, FOREIGN_LEVELS, form, parts);
  return { pieces: parts.list(), ...form };
}

/** Nothing for what JSON does not have. */
function writeParts(value: unknown, levels: number, form: TextForm, parts: JsonParts): void {
  const source = typeof value === 'object' && value !== null ? sources.get(value) : undefined;
  if (source) {
    form.plain &&= source.scan.plain;
    form.respelled ||= source.scan.respelled;
    return addSource(parts, source);
  }
  if (levels === 0 || !isJsonObject(value)) return parts.add(JSON.stringify(value) ?? '');
  let next = '{';
  for (const name of Object.keys(value)) {
    const member = value[name];
    if (member === undefined) continue;
    parts.add(`${next}${writeKey(name)}:`);
    writeParts(member, levels - 1, form, parts);
    next = ',';
  }
  parts.add(next === '{' ? '{}' : '}');
}

/** Most keys are the same few words. */
const PLAIN_KEY = /^[\w/.]{1,60}$/;

function writeKey(name: string): string {
  return PLAIN_KEY.test(name) ? `"${name}"` : JSON.stringify(name);
}

/** The JSON of a member as it came, or anew where nobody knows how it came. */
export function writeMember(holder: JsonObject, name: string): string {
  const source = sources.get(holder);
  const member = source && findMember(source, name);
  return member ? getSlice(member) : writeJson(holder[name]);
}

/** On one line: between the tokens of JSON a line break is mere space, and inside of a text it is always escaped. */
export function toOneLine(json: string): string {
  return json.includes('\n') || json.includes('\r') ? json.replaceAll(/[\r\n]/g, ' ') : json;
}
