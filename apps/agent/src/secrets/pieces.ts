import { isExactNumber } from '@gatehouse/policy/documents/exact-number';
import { removeSpans, type Span } from '@gatehouse/redaction/span';

type Find = (text: string) => Span[];

/** A text or number of a JSON value, or one of its keys. */
interface Leaf {
  text: string;
  isNumber: boolean;
  /** what goes from it */
  spans: Span[] | null;
}

/** Leaves at the same place of each item of a list; items of an object whose keys are numbers are items of a list. */
interface Place {
  leaves: Leaf[];
  /** null: nothing lies within */
  within: Map<string, Place> | null;
}

/** The leaves of a value, in its order. */
interface Leaves {
  /** the lists with several items that do not lie in another one: elsewhere no two leaves have the same place */
  lists: Place[];
  all: Leaf[];
  /** those that say something */
  texts: Leaf[];
  keys: Map<string, Leaf>;
}

/** Values of more leaves are not looked at: what is joined costs more than what stands in one piece. */
const MOST_LEAVES = 50_000;
/** What lies deeper is looked at only in itself. */
const MOST_LEVELS = 64;
/** What MCP itself says in every result: no piece of anything, and left out it leaves nothing to join in most of them. */
const WORDS = new Set(
  (
    'jsonrpc id result error method params content structuredContent isError _meta type text data mimeType resource uri blob name title ' +
    'description annotations contents messages role progressToken progress total message level logger'
  ).split(' '),
);
const VALUES = new Set(['2.0', 'text', 'image', 'audio', 'resource', 'resource_link', 'user', 'assistant']);
const INDEX = /^\d{1,6}$/;
/** Between the beginning and the end of a long text: a letter of no credential. */
const LEFT_OUT = '\u{FFFC}';

/**
 * Takes out what is found only when texts of a JSON value are read on in each other: those that follow each other, those at the same place of
 * each item of a list, and the keys. The same value when there is nothing. `edge`: characters of each end of a text that can be part of it.
 */
export function hidePieces(value: unknown, find: Find, edge: number): unknown {
  const leaves: Leaves = { lists: [], all: [], texts: [], keys: new Map() };
  collect(value, leaves, null, MOST_LEVELS);
  const { lists, all, texts, keys } = leaves;
  if (all.length > MOST_LEAVES) return value;
  const groups: Leaf[][] = [];
  if (texts.length > 1) groups.push(texts);
  if (keys.size > 1) groups.push([...keys.values()]);
  for (const list of lists) addGroups(list, groups);
  let isFound = false;
  for (const group of groups) if (markPieces(group, find, edge)) isFound = true;
  return isFound ? copy(value, leaves, all.values(), MOST_LEVELS) : value;
}

/** `place`: null outside of lists. */
function collect(item: unknown, leaves: Leaves, place: Place | null, levels: number): void {
  const { all, texts, keys } = leaves;
  const value = isExactNumber(item) ? item.rawJSON : item;
  if (typeof value === 'string' || typeof value === 'number') {
    const leaf: Leaf = { text: String(value), isNumber: typeof item !== 'string', spans: null };
    all.push(leaf);
    place?.leaves.push(leaf);
    if (!leaf.isNumber && !VALUES.has(leaf.text)) texts.push(leaf);
    return;
  }
  if (typeof value !== 'object' || value === null || levels === 0 || all.length > MOST_LEAVES) return;
  if (Array.isArray(value)) {
    const items = enter(place ?? openList(leaves, value.length), '*');
    for (const each of value) collect(each, leaves, items, levels - 1);
    return;
  }
  const members = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(members);
  const own = place ?? openList(leaves, countItems(names));
  for (const key of names) {
    const isItem = INDEX.test(key);
    if (!isItem && !WORDS.has(key) && !keys.has(key)) keys.set(key, { text: key, isNumber: false, spans: null });
    collect(members[key], leaves, enter(own, isItem ? '*' : key), levels - 1);
  }
}

/** Names that stand for the same place. */
function countItems(names: readonly string[]): number {
  let items = 0;
  for (const name of names) if (name === '*' || INDEX.test(name)) items += 1;
  return items;
}

function openList({ lists }: Leaves, items: number): Place | null {
  if (items < 2) return null;
  const list: Place = { leaves: [], within: null };
  lists.push(list);
  return list;
}

function enter(holder: Place | null, key: string): Place | null {
  if (!holder) return null;
  holder.within ??= new Map();
  const known = holder.within.get(key);
  if (known) return known;
  const place: Place = { leaves: [], within: null };
  holder.within.set(key, place);
  return place;
}

/** Those of several leaves: what stands in one leaf was looked at with all of it. */
function addGroups({ leaves, within }: Place, groups: Leaf[][]): void {
  if (leaves.length > 1) groups.push(leaves);
  if (within) for (const place of within.values()) addGroups(place, groups);
}

/** Where a leaf, or an end of it, stands in what was joined. `from`: where that end begins in the leaf. */
interface Part {
  leaf: Leaf;
  from: number;
  start: number;
  end: number;
}

/** Notes at each leaf what of it is part of something that is found in all of them together. */
function markPieces(group: readonly Leaf[], find: Find, edge: number): boolean {
  const spans = find(join(group, edge, null));
  if (spans.length === 0) return false;
  spans.sort((a, b) => a.start - b.start);
  const parts: Part[] = [];
  join(group, edge, parts);
  let at = 0;
  for (const span of spans) {
    while ((parts[at]?.end ?? Infinity) <= span.start) at += 1;
    for (let met = at; met < parts.length && (parts[met]?.start ?? 0) < span.end; met += 1) {
      const part = parts[met];
      if (!part || part.start === part.end) continue;
      const [start, end] = [Math.max(span.start, part.start), Math.min(span.end, part.end)];
      const found = { start: start - part.start + part.from, end: end - part.start + part.from, rule: span.rule };
      part.leaf.spans = [...(part.leaf.spans ?? []), found];
    }
  }
  return true;
}

/** The leaves as one text, long ones without their middle. `parts`, where they are wanted: gets where each stands in it. */
function join(group: readonly Leaf[], edge: number, parts: Part[] | null): string {
  const between = group.every(({ isNumber }) => isNumber) ? ',' : '';
  let joined = '';
  const add = (leaf: Leaf, from: number, to: number, next: string): void => {
    parts?.push({ leaf, from, start: joined.length, end: joined.length + to - from });
    joined += leaf.text.slice(from, to) + next;
  };
  for (const leaf of group) {
    const { length } = leaf.text;
    const isLong = length > 2 * edge;
    if (isLong) add(leaf, 0, edge, LEFT_OUT);
    add(leaf, isLong ? length - edge : 0, length, between);
  }
  return joined;
}

/** In the order of `collect`, leaf by leaf. */
function copy(value: unknown, leaves: Leaves, rest: Iterator<Leaf>, levels: number): unknown {
  if (typeof value === 'string' || typeof value === 'number' || isExactNumber(value)) {
    const leaf = rest.next().value as Leaf | undefined;
    return leaf?.spans ? removeSpans(leaf.text, leaf.spans).text : value;
  }
  if (typeof value !== 'object' || value === null || levels === 0) return value;
  if (Array.isArray(value)) return value.map((item) => copy(item, leaves, rest, levels - 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const spans = leaves.keys.get(key)?.spans;
      return [spans ? removeSpans(key, spans).text : key, copy(item, leaves, rest, levels - 1)];
    }),
  );
}
