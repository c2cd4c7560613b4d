import { lexer, type MarkedToken, type Token } from 'marked';

import { toHeadingId } from './help-places.ts';

/** What there is in Markdown without extensions. */
const KINDS: Readonly<Record<MarkedToken['type'], true>> = {
  blockquote: true,
  br: true,
  checkbox: true,
  code: true,
  codespan: true,
  def: true,
  del: true,
  em: true,
  escape: true,
  heading: true,
  hr: true,
  html: true,
  image: true,
  link: true,
  list: true,
  list_item: true,
  paragraph: true,
  space: true,
  strong: true,
  table: true,
  text: true,
};

const isKnown = (token: Token): token is MarkedToken => Object.hasOwn(KINDS, token.type);

/** The parts of a part of a document; none: it has only a text. */
export const listParts = (tokens: readonly Token[] = []): MarkedToken[] => tokens.filter(isKnown);

/** The blocks of a document that is written in Markdown. */
export const readDocument = (source: string): MarkedToken[] => listParts(lexer(source));

/** The address of each heading among these blocks; of those with the same words the second ends with -1. */
export function getHeadingIds(blocks: readonly MarkedToken[]): ReadonlyMap<MarkedToken, string> {
  const seen = new Map<string, number>();
  return new Map(
    blocks.flatMap((block): [MarkedToken, string][] => {
      if (block.type !== 'heading') return [];
      const id = toHeadingId(block.text);
      const before = seen.get(id) ?? 0;
      seen.set(id, before + 1);
      return [[block, before === 0 ? id : `${id}-${before}`]];
    }),
  );
}
