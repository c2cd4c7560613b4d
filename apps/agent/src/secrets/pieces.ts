import { removeSpans, type Span } from '@gatehouse/redaction/span';

type Find = (text: string) => Span[];

/** A text, number or key of a JSON value. */
interface Leaf {
  text: string;
  isNumber: boolean;
  /** what goes from it */
  spans: Span[];
}

/** Leaves at the same place of each item of a list; items of an object whose keys are numbers are items of a list. */
interface Place {
  leaves: Leaf[];
  within: Map<string, Place>;
}

/** Values of more leaves are not looked at: what is joined costs more than what stands in one piece. */
const MOST_LEAVES = 50_000;
/** What lies deeper is looked at only in itself. */
const MOST_LEVELS = 64;
const INDEX = /^\d{1,6}$/;
/** Between the beginning and the end of a long text: a letter of no credential. */
const LEFT_OUT = '\u{FFFC}';

/**
 * Takes out what is found only when texts of a JSON value are read on in each other: those that follow each other, those at the same place of
 * each item of a list, and the keys. The same value when there is nothing. `edge`: characters of each end of a text that can be part of it.
 */
export function hidePieces(value: unknown, find: Find, edge: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const root: Place = { leaves: [], within: new Map() };
  const [texts, keys]: [Leaf[], Leaf[]] = [[], []];
  const leaves = new Map<object, Leaf[]>();
  const walk = (holder: object, place: Place, levels: number): void => {
    const own: Leaf[] = [];
    leaves.set(holder, own);
    for (const [key, item] of Object.entries(holder) as [string, unknown][]) {
      if (texts.length + keys.length > MOST_LEAVES) return;
      const isItem = Array.isArray(holder) || INDEX.test(key);
      if (!isItem) keys.push(addLeaf(own, key, false));
      const at = enter(place, isItem ? '*' : key);
      if (typeof item === 'string' || typeof item === 'number') {
        const leaf = addLeaf(own, String(item), typeof item === 'number');
        at.leaves.push(leaf);
        if (!leaf.isNumber) texts.push(leaf);
      } else if (levels > 0 && typeof item === 'object' && item !== null) walk(item, at, levels - 1);
    }
  };
  walk(value, root, MOST_LEVELS);
  if (texts.length + keys.length > MOST_LEAVES) return value;
  const groups = [texts, keys, ...listGroups(root)].filter((group) => group.length > 1);
  const found = groups.map((group) => markPieces(group, find, edge));
  return found.includes(true) ? copy(value, leaves) : value;
}

function addLeaf(own: Leaf[], text: string, isNumber: boolean): Leaf {
  const leaf: Leaf = { text, isNumber, spans: [] };
  own.push(leaf);
  return leaf;
}

function enter({ within }: Place, key: string): Place {
  const known = within.get(key);
  if (known) return known;
  const place: Place = { leaves: [], within: new Map() };
  within.set(key, place);
  return place;
}

function* listGroups({ leaves, within }: Place): Generator<Leaf[]> {
  yield leaves;
  for (const place of within.values()) yield* listGroups(place);
}

/** Notes at each leaf what of it is part of something that is found in all of them together. */
function markPieces(group: readonly Leaf[], find: Find, edge: number): boolean {
  const between = group.every(({ isNumber }) => isNumber) ? ',' : '';
  const parts: { leaf: Leaf; from: number; start: number; end: number }[] = [];
  let joined = '';
  const add = (leaf: Leaf, from: number, to: number, next: string): void => {
    const start = joined.length;
    joined += leaf.text.slice(from, to);
    parts.push({ leaf, from, start, end: joined.length });
    joined += next;
  };
  for (const leaf of group) {
    const { length } = leaf.text;
    const isLong = length > 2 * edge;
    if (isLong) add(leaf, 0, edge, LEFT_OUT);
    add(leaf, isLong ? length - edge : 0, length, between);
  }
  const spans = find(joined).toSorted((a, b) => a.start - b.start);
  let at = 0;
  for (const span of spans) {
    while ((parts[at]?.end ?? Infinity) <= span.start) at += 1;
    for (let met = at; met < parts.length && (parts[met]?.start ?? 0) < span.end; met += 1) {
      const part = parts[met];
      if (!part || part.start === part.end) continue;
      const [start, end] = [Math.max(span.start, part.start), Math.min(span.end, part.end)];
      part.leaf.spans.push({ start: start - part.start + part.from, end: end - part.start + part.from, rule: span.rule });
    }
  }
  return spans.length > 0;
}

function copy(value: unknown, leaves: ReadonlyMap<object, Leaf[]>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const own = leaves.get(value)?.values();
  if (!own) return value;
  const take = (): { text: string; isHit: boolean } => {
    const leaf = own.next().value;
    return { text: leaf ? removeSpans(leaf.text, leaf.spans).text : '', isHit: (leaf?.spans.length ?? 0) > 0 };
  };
  const copyItem = (item: unknown): unknown => {
    if (typeof item !== 'string' && typeof item !== 'number') return copy(item, leaves);
    const { text, isHit } = take();
    return isHit ? text : item;
  };
  if (Array.isArray(value)) return value.map(copyItem);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [INDEX.test(key) ? key : take().text, copyItem(item)] as const),
  );
}
