import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

import { HELP_DOCUMENTS } from '../../src/ui/help/help-places.ts';
import { Markdown } from '../../src/ui/help/markdown.tsx';

const readDocument = (document: string) => readFileSync(join(import.meta.dirname, `../../../../docs/${document}.md`), 'utf8');

test.each(HELP_DOCUMENTS)('%s is a page with one first heading, whatever the document has', (document) => {
  const html = renderToStaticMarkup(<Markdown source={readDocument(document)} />);
  expect(html.match(/<h1/g)).toHaveLength(1);
});
