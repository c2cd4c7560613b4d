'use client';

import { Fragment, type ReactNode } from 'react';

import { ScrollRegion } from '../layout/scroll-region.tsx';
import { findDocument } from './help-places.ts';
import { type Block, type Inline, parseInline, parseMarkdown } from './parse-markdown.ts';

/** A document of the repository as a page. Its first heading is the page's; others as large as that stand one below it. */
export function Markdown({ source }: { source: string }) {
  const [first, ...rest] = parseMarkdown(source);
  if (!first) return null;
  return (
    <Blocks
      blocks={[first, ...rest.map((block) => (block.kind === 'heading' ? { ...block, level: Math.max(block.level, 2) } : block))]}
    />
  );
}

function Blocks({ blocks }: { blocks: readonly Block[] }) {
  return blocks.map((block, index) => <BlockView key={index} block={block} />);
}

const HEADING_CLASS = ['text-xl', 'mt-8 text-lg', 'mt-6 text-base'];

function BlockView({ block }: { block: Block }): ReactNode {
  switch (block.kind) {
    case 'heading': {
      const level = Math.min(block.level, 3);
      const Heading = (['h1', 'h2', 'h3'] as const)[level - 1] ?? 'h3';
      return (
        <Heading id={block.id} className={`mb-2 font-semibold target:text-accent-fg ${HEADING_CLASS[level - 1] ?? ''}`}>
          <Inlines text={block.text} />
        </Heading>
      );
    }
    case 'paragraph':
    case 'quote':
      return (
        <p className={block.kind === 'quote' ? 'my-3 border-l-2 border-line pl-3 text-muted' : 'my-3 text-pretty'}>
          <Inlines text={block.text} />
        </p>
      );
    case 'code':
      return (
        <ScrollRegion
          label={`Example: ${block.text.split('\n', 1)[0] ?? ''}`}
          className="my-3 rounded-card border border-line bg-sunken"
        >
          <pre className="w-max p-3 font-mono text-xs leading-5">{block.text}</pre>
        </ScrollRegion>
      );
    case 'list':
      return <ListView block={block} />;
    case 'table':
      return <TableView block={block} />;
  }
}

function ListView({ block: { isOrdered, items } }: { block: Extract<Block, { kind: 'list' }> }) {
  const List = isOrdered ? 'ol' : 'ul';
  return (
    <List className={`my-3 flex flex-col gap-1.5 pl-5 ${isOrdered ? 'list-decimal' : 'list-disc'}`}>
      {items.map(({ text, below }, index) => (
        <li key={index}>
          <Inlines text={text} />
          <Blocks blocks={below} />
        </li>
      ))}
    </List>
  );
}

function TableView({ block: { head, rows } }: { block: Extract<Block, { kind: 'table' }> }) {
  return (
    <ScrollRegion label={`Table: ${head.join(', ')}`} className="my-3 rounded-card border border-line bg-surface">
      <table className="w-full border-collapse text-left">
        <thead>
          <tr className="border-b border-line bg-sunken text-xs text-subtle">
            {head.map((cell, index) => (
              <th key={index} scope="col" className="px-3 py-1.5 font-medium">
                <Inlines text={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map((row, index) => (
            <tr key={index} className="align-top">
              {row.map((cell, at) => (
                <td key={at} className="min-w-28 px-3 py-1.5">
                  <Inlines text={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function Inlines({ text }: { text: string }) {
  return parseInline(text).map((piece, index) => <Fragment key={index}>{renderInline(piece)}</Fragment>);
}

function renderInline(piece: Inline): ReactNode {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'code':
      return <code className="rounded-chip bg-sunken px-1 py-0.5 font-mono text-xs wrap-anywhere">{piece.text}</code>;
    case 'strong':
      return <strong className="font-semibold">{piece.text}</strong>;
    case 'em':
      return <em>{piece.text}</em>;
    case 'link':
      return <DocumentLink {...piece} />;
  }
}

/** To a document that is here; where the source lies on a disk, only its words. */
function DocumentLink({ text, href }: { text: string; href: string }) {
  const target = href.startsWith('#') ? href : findDocument(href);
  if (target === null) return text;
  return (
    <a href={target} className="text-accent-fg underline underline-offset-2">
      {text}
    </a>
  );
}
