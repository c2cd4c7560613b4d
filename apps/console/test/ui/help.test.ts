import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { findDocument, findHelp, HELP, HELP_DOCUMENTS } from '../../src/ui/help/help-places.ts';
import { parseInline, parseMarkdown, toHeadingId } from '../../src/ui/help/parse-markdown.ts';

const APP = join(import.meta.dirname, '../../src/app');
const DOCS = join(import.meta.dirname, '../../../../docs');
const readBlocks = (document: string) => parseMarkdown(readFileSync(join(DOCS, `${document}.md`), 'utf8'));
const readIds = (document: string) => readBlocks(document).flatMap((block) => (block.kind === 'heading' ? [block.id] : []));

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
    const source = readFileSync(join(DOCS, `${document}.md`), 'utf8');
    for (const piece of parseInline(source)) {
      const target =
        piece.kind === 'link' ? findDocument(piece.href.startsWith('#') ? `${document}.md${piece.href}` : piece.href) : null;
      const [path = '', id] = target?.split('#') ?? [];
      if (id !== undefined) expect(readIds(path.replace('/help/', '')), `${document}: ${target}`).toContain(id);
    }
  }
});

test('no sign of Markdown is left in what the documents say', () => {
  for (const document of HELP_DOCUMENTS) {
    const words = JSON.stringify(readBlocks(document).filter(({ kind }) => kind !== 'code'));
    expect(words, document).not.toMatch(/"text":"(#{1,6} |```|\|-)/);
  }
});

test('headings, lists in lists, code in lists, tables and the pieces of a line are read', () => {
  const blocks = parseMarkdown(
    [
      '# A `b` c',
      '',
      'One',
      'line.',
      '- first',
      '  goes on',
      '  - inner',
      '',
      '    ```sh',
      '    run it',
      '    ```',
      '- second',
      '',
      '1. one',
      '2. two',
      '',
      '| a | b |',
      '|---|---|',
      '| `x \\| y` | z |',
      '## A `b` c',
    ].join('\n'),
  );
  expect(blocks).toEqual([
    { kind: 'heading', level: 1, text: 'A `b` c', id: 'a-b-c' },
    { kind: 'paragraph', text: 'One line.' },
    {
      kind: 'list',
      isOrdered: false,
      items: [
        {
          text: 'first goes on',
          below: [{ kind: 'list', isOrdered: false, items: [{ text: 'inner', below: [{ kind: 'code', text: 'run it' }] }] }],
        },
        { text: 'second', below: [] },
      ],
    },
    {
      kind: 'list',
      isOrdered: true,
      items: [
        { text: 'one', below: [] },
        { text: 'two', below: [] },
      ],
    },
    { kind: 'table', head: ['a', 'b'], rows: [['`x | y`', 'z']] },
    { kind: 'heading', level: 2, text: 'A `b` c', id: 'a-b-c-1' },
  ]);
  expect(parseInline('See [`a.md`](agent.md), `code` and **this** ![no](p.png)')).toEqual([
    { kind: 'text', text: 'See ' },
    { kind: 'link', text: 'a.md', href: 'agent.md' },
    { kind: 'text', text: ', ' },
    { kind: 'code', text: 'code' },
    { kind: 'text', text: ' and ' },
    { kind: 'strong', text: 'this' },
    { kind: 'text', text: ' ' },
  ]);
});
