import type { MarkedToken, Token, Tokens } from 'marked';
import { Fragment, type ReactNode } from 'react';

import { ScrollRegion } from '../layout/scroll-region.tsx';
import { findDocument } from './help-places.ts';
import { getHeadingIds, listParts, readDocument } from './read-document.ts';

/** A document of the repository as a page. Its first heading is the page's; others as large as that stand one below it. */
export function Markdown({ source }: { source: string }) {
  const blocks = readDocument(source);
  const ids = getHeadingIds(blocks);
  return blocks.map((block, index) =>
    block.type === 'heading' ? (
      <HeadingView key={index} heading={block} id={ids.get(block)} isFirst={index === 0} />
    ) : (
      <Fragment key={index}>{renderPart(block)}</Fragment>
    ),
  );
}

function Parts({ of }: { of: readonly Token[] | undefined }) {
  return listParts(of).map((part, index) => <Fragment key={index}>{renderPart(part)}</Fragment>);
}

/** Pictures, comments and other HTML are left out. */
function renderPart(part: MarkedToken): ReactNode {
  switch (part.type) {
    case 'paragraph':
      return (
        <p className="my-3 text-pretty">
          <Parts of={part.tokens} />
        </p>
      );
    case 'blockquote':
      return (
        <blockquote className="my-3 border-l-2 border-line pl-3 text-muted">
          <Parts of={part.tokens} />
        </blockquote>
      );
    case 'code':
      return (
        <ScrollRegion
          label={`Example: ${part.text.split('\n', 1)[0] ?? ''}`}
          className="my-3 rounded-card border border-line bg-sunken"
        >
          <pre className="w-max p-3 font-mono text-xs leading-5">{part.text}</pre>
        </ScrollRegion>
      );
    case 'list':
      return <ListView list={part} />;
    case 'table':
      return <TableView table={part} />;
    case 'text':
      return part.tokens ? <Parts of={part.tokens} /> : part.text;
    case 'escape':
      return part.text;
    case 'codespan':
      return <code className="rounded-chip bg-sunken px-1 py-0.5 font-mono text-xs wrap-anywhere">{part.text}</code>;
    case 'strong':
      return (
        <strong className="font-semibold">
          <Parts of={part.tokens} />
        </strong>
      );
    case 'em':
      return (
        <em>
          <Parts of={part.tokens} />
        </em>
      );
    case 'link':
      return <DocumentLink link={part} />;
    default:
      return null;
  }
}

const HEADING_CLASS = ['text-xl', 'mt-8 text-lg', 'mt-6 text-base'];

interface HeadingProps {
  heading: Tokens.Heading;
  id: string | undefined;
  isFirst: boolean;
}

function HeadingView({ heading, id, isFirst }: HeadingProps) {
  const level = isFirst ? 1 : Math.min(Math.max(heading.depth, 2), 3);
  const Heading = (['h1', 'h2', 'h3'] as const)[level - 1] ?? 'h3';
  return (
    <Heading id={id} className={`mb-2 font-semibold target:text-accent-fg ${HEADING_CLASS[level - 1] ?? ''}`}>
      <Parts of={heading.tokens} />
    </Heading>
  );
}

function ListView({ list: { ordered, items } }: { list: Tokens.List }) {
  const List = ordered ? 'ol' : 'ul';
  return (
    <List className={`my-3 flex flex-col gap-1.5 pl-5 ${ordered ? 'list-decimal' : 'list-disc'}`}>
      {items.map(({ tokens }, index) => (
        <li key={index}>
          <Parts of={tokens} />
        </li>
      ))}
    </List>
  );
}

function TableView({ table: { header, rows } }: { table: Tokens.Table }) {
  return (
    <ScrollRegion
      label={`Table: ${header.map(({ text }) => text).join(', ')}`}
      className="my-3 rounded-card border border-line bg-surface"
    >
      <table className="w-full border-collapse text-left">
        <thead>
          <tr className="border-b border-line bg-sunken text-xs text-subtle">
            {header.map(({ tokens }, index) => (
              <th key={index} scope="col" className="px-3 py-1.5 font-medium">
                <Parts of={tokens} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map((row, index) => (
            <tr key={index} className="align-top">
              {row.map(({ tokens }, at) => (
                <td key={at} className="min-w-28 px-3 py-1.5">
                  <Parts of={tokens} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** To a document that is here; where the source lies on a disk, only its words. */
function DocumentLink({ link: { href, tokens } }: { link: Tokens.Link }) {
  const target = href.startsWith('#') ? href : findDocument(href);
  if (target === null) return <Parts of={tokens} />;
  return (
    <a href={target} className="text-accent-fg underline underline-offset-2">
      <Parts of={tokens} />
    </a>
  );
}
