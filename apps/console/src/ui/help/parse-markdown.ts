/** A block of a document. */
export type Block =
  | { kind: 'heading'; level: number; text: string; id: string }
  | { kind: 'paragraph' | 'quote'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'list'; isOrdered: boolean; items: readonly ListItem[] }
  | { kind: 'table'; head: readonly string[]; rows: readonly (readonly string[])[] };

export interface ListItem {
  text: string;
  /** what is indented below it */
  below: readonly Block[];
}

/** A piece of a line. */
export type Inline = { kind: 'text' | 'code' | 'strong' | 'em'; text: string } | { kind: 'link'; text: string; href: string };

const FENCE = /^(\s*)```/;
const HEADING = /^(#{1,6})\s+(.*)$/;
const ITEM = /^(\s*)(?:[-*]|(\d+)\.)\s+(.*)$/;

/** The address of a heading within its document, as GitHub makes it. */
export const toHeadingId = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

/** What the documents of this repository are written with: headings, paragraphs, lists, fenced code, tables, quotes. Anything else is a paragraph. */
export function parseMarkdown(source: string): Block[] {
  const ids = new Map<string, number>();
  return parseBlocks(source.replaceAll('\r\n', '\n').split('\n'), (text) => {
    const id = toHeadingId(text);
    const before = ids.get(id) ?? 0;
    ids.set(id, before + 1);
    return before === 0 ? id : `${id}-${before}`;
  });
}

type MakeId = (text: string) => string;

interface Taken {
  block: Block;
  /** index of the first line after it */
  next: number;
}

function parseBlocks(lines: readonly string[], makeId: MakeId): Block[] {
  const blocks: Block[] = [];
  for (let index = 0; index < lines.length;) {
    const line = lines[index] ?? '';
    if (line.trim() === '') {
      index += 1;
      continue;
    }
    const { block, next } =
      takeCode(lines, index) ??
      takeHeading(line, index, makeId) ??
      takeTable(lines, index) ??
      takeList(lines, index, makeId) ??
      takeText(lines, index);
    blocks.push(block);
    index = next;
  }
  return blocks;
}

function takeCode(lines: readonly string[], start: number): Taken | null {
  const indent = FENCE.exec(lines[start] ?? '')?.[1]?.length;
  if (indent === undefined) return null;
  const end = lines.findIndex((line, index) => index > start && FENCE.test(line));
  const last = end < 0 ? lines.length : end;
  const text = lines
    .slice(start + 1, last)
    .map((line) => line.slice(Math.min(indent, line.length - line.trimStart().length)))
    .join('\n');
  return { block: { kind: 'code', text }, next: last + 1 };
}

function takeHeading(line: string, start: number, makeId: MakeId): Taken | null {
  const [, signs, text] = HEADING.exec(line) ?? [];
  if (signs === undefined || text === undefined) return null;
  return { block: { kind: 'heading', level: signs.length, text, id: makeId(text) }, next: start + 1 };
}

const splitCells = (line: string): string[] =>
  line
    .trim()
    .replace(/^\|/, '')
    .replace(/\|$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));

function takeTable(lines: readonly string[], start: number): Taken | null {
  if (!/^\s*\|/.test(lines[start] ?? '') || !/^\s*\|[\s:|-]+\|?\s*$/.test(lines[start + 1] ?? '')) return null;
  const end = lines.findIndex((line, index) => index > start && !/^\s*\|/.test(line));
  const next = end < 0 ? lines.length : end;
  const rows = lines.slice(start + 2, next).map(splitCells);
  return { block: { kind: 'table', head: splitCells(lines[start] ?? ''), rows }, next };
}

function takeList(lines: readonly string[], start: number, makeId: MakeId): Taken | null {
  const first = readItem(lines[start]);
  if (!first) return null;
  const items: ListItem[] = [];
  let index = start;
  for (let item: Item | null = first; item !== null; item = readItem(lines[index])) {
    if (item.depth !== first.depth || item.isOrdered !== first.isOrdered) break;
    const end = findItemEnd(lines, index + 1, item.depth);
    items.push(readBelow(item, lines.slice(index + 1, end), makeId));
    index = end;
    while (lines[index]?.trim() === '' && readItem(lines[index + 1])?.depth === first.depth) index += 1;
  }
  return { block: { kind: 'list', isOrdered: first.isOrdered, items }, next: index };
}

interface Item {
  depth: number;
  isOrdered: boolean;
  text: string;
}

function readItem(line = ''): Item | null {
  const [, indent, number, text] = ITEM.exec(line) ?? [];
  return indent === undefined ? null : { depth: indent.length, isOrdered: number !== undefined, text: text ?? '' };
}

/** The item with the lines that go on with it, and the blocks that stand below it. */
function readBelow({ depth, text }: Item, lines: readonly string[], makeId: MakeId): ListItem {
  const inside = lines.map((line) => line.slice(Math.min(depth + 2, line.length - line.trimStart().length)));
  const split = inside.findIndex((line) => line.trim() === '' || ITEM.test(line) || FENCE.test(line));
  const own = split < 0 ? inside : inside.slice(0, split);
  return {
    text: [text, ...own].map((line) => line.trim()).join(' '),
    below: parseBlocks(split < 0 ? [] : inside.slice(split), makeId),
  };
}

/** The first line that is no part of an item: less far in, or an item of the same depth. */
function findItemEnd(lines: readonly string[], start: number, depth: number): number {
  const end = lines.findIndex((line, index) => {
    if (index < start) return false;
    if (line.trim() === '') return !/^\s/.test(lines[index + 1] ?? '');
    const indent = line.length - line.trimStart().length;
    return indent <= depth && (ITEM.test(line) || HEADING.test(line) || lines[index - 1]?.trim() === '');
  });
  return end < 0 ? lines.length : end;
}

const BEGINS_ANOTHER = [FENCE, HEADING, ITEM, /^\s*\|/];

function takeText(lines: readonly string[], start: number): Taken {
  const isQuote = lines[start]?.startsWith('>') ?? false;
  const end = lines.findIndex(
    (line, index) => index > start && (line.trim() === '' || BEGINS_ANOTHER.some((pattern) => pattern.test(line))),
  );
  const next = end < 0 ? lines.length : end;
  const text = lines
    .slice(start, next)
    .map((line) => line.replace(/^>\s?/, '').trim())
    .join(' ');
  return { block: { kind: isQuote ? 'quote' : 'paragraph', text }, next };
}

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|!\[[^\]]*\]\([^)]*\)|\[((?:`[^`]*`|[^\]])*)\]\(([^)\s]+)\)/g;

/** The pieces of a line of text; pictures are left out. */
export function parseInline(text: string): Inline[] {
  const pieces: Inline[] = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > end) pieces.push({ kind: 'text', text: text.slice(end, match.index) });
    const [all, code, strong, em, link, href] = match;
    end = match.index + all.length;
    if (code !== undefined) pieces.push({ kind: 'code', text: code });
    else if (strong !== undefined) pieces.push({ kind: 'strong', text: strong });
    else if (em !== undefined) pieces.push({ kind: 'em', text: em });
    else if (link !== undefined && href !== undefined) pieces.push({ kind: 'link', text: link.replaceAll('`', ''), href });
  }
  if (end < text.length) pieces.push({ kind: 'text', text: text.slice(end) });
  return pieces;
}
