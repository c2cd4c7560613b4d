import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { MarkedToken, Tokens } from 'marked';
import { expect, test } from 'vitest';

import { findDocument, findHelp, HELP, HELP_DOCUMENTS, toHeadingId } from '../../src/ui/help/help-places.ts';
import { getHeadingIds, listParts, readDocument } from '../../src/ui/help/read-document.ts';

const APP = join(import.meta.dirname, '../../src/app');
const DOCS = join(import.meta.dirname, '../../../../docs');
const readBlocks = (document: string) => readDocument(readFileSync(join(DOCS, `${document}.md`), 'utf8'));
/** Those in paragraphs, items and cells. */
const listLinks = (parts: readonly MarkedToken[]): Tokens.Link[] =>
  parts.flatMap((part) => {
    if (part.type === 'link') return [part];
    if (part.type === 'list') return part.items.flatMap(({ tokens }) => listLinks(listParts(tokens)));
    if (part.type === 'table') return part.rows.flat().flatMap(({ tokens }) => listLinks(listParts(tokens)));
    return 'tokens' in part ? listLinks(listParts(part.tokens)) : [];
  });
const readIds = (document: string) => [...getHeadingIds(readBlocks(document)).values()];

/** "/t/[tenant]/servers": every folder that has a page. */
const PAGES = readdirSync(APP, { recursive: true, encoding: 'utf8' })
  .filter((name) => /(^|[/\\])page\.tsx$/.test(name))
  .map((name) => `/${name.replaceAll('\\', '/').replace(/\/?page\.tsx$/, '')}`);

test('every page of the console has a help link, and no link is of a page that is none', () => {
  expect(PAGES.length).toBeGreaterThan(30);
  expect(Object.keys(HELP).toSorted()).toEqual(PAGES.toSorted());
});

test('every help link leads to a heading that its document has', () => {
  const ids = new Map(HELP_DOCUMENTS.map((document) => [document, readIds(document)]));
  for (const [page, { document, heading }] of Object.entries(HELP))
    expect(ids.get(document), `${page} leads to "${heading}"`).toContain(toHeadingId(heading));
});

test('a path leads to the page that it is of, words before names', () => {
  expect(findHelp('/t/acme/servers/new')).toEqual(HELP['/t/[tenant]/servers/new']);
  expect(findHelp('/t/acme/servers/orders')).toEqual(HELP['/t/[tenant]/servers/[slug]']);
  expect(findHelp('/t/acme')).toEqual(HELP['/t/[tenant]']);
  expect(findHelp('/nowhere/at/all').heading).toBe('The console');
});

test('links between the documents on the console stay there and find their heading, others are none', () => {
  expect(findDocument('agent.md#memory')).toBe('/help/agent#memory');
  expect(findDocument('decisions/0043-other-address.md')).toBeNull();
  expect(findDocument('../README.md')).toBeNull();
  for (const document of HELP_DOCUMENTS) {
    expect(listLinks(readBlocks(document)), document).not.toEqual([]);
    for (const { href } of listLinks(readBlocks(document))) {
      const target = findDocument(href.startsWith('#') ? `${document}.md${href}` : href);
      const [path = '', id] = target?.split('#') ?? [];
      if (id !== undefined) expect(readIds(path.replace('/help/', '')), `${document}: ${target}`).toContain(id);
    }
  }
});

test('headings with the same words have addresses of their own, as on GitHub', () => {
  const blocks = readDocument('# A `b` (c)\n\nWords.\n\n## Deep\n\n## A `b` (c)\n');
  expect([...getHeadingIds(blocks).values()]).toEqual(['a-b-c', 'deep', 'a-b-c-1']);
});
