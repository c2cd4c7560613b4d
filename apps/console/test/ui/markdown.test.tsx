import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

import { HELP_DOCUMENTS } from '../../src/ui/help/help-places.ts';
import { Markdown } from '../../src/ui/help/markdown.tsx';

const DOCS = join(import.meta.dirname, '../../../../docs');

test.each(HELP_DOCUMENTS)('%s is a page with one first heading, and no sign of Markdown or HTML is left in it', (document) => {
  const html = renderToStaticMarkup(<Markdown source={readFileSync(join(DOCS, `${document}.md`), 'utf8')} />);
  expect(html.match(/<h1/g)).toHaveLength(1);
  const words = html.replaceAll(/<(pre|code)\b.*?<\/\1>/gs, '');
  expect(words).not.toMatch(/>\s*(#{1,6} |\|)|\*\*|```|\]\(|&amp;[a-z]+;|&lt;[a-z/!]/);
});

test('a list in a list with code, a table with a bar in a cell, and links', () => {
  const source =
    '- a\n  - b\n\n    ```sh\n    run <it>\n    ```\n\n| `x \\| y` | z |\n|---|---|\n| **1** | [`m`](agent.md#memory) [n](../README.md) |\n';
  const html = renderToStaticMarkup(<Markdown source={source} />).replaceAll(/ class="[^"]*"/g, '');
  expect(html).toContain('<pre>run &lt;it&gt;</pre>');
  expect(html).toContain('<th scope="col"><code>x | y</code></th><th scope="col">z</th>');
  expect(html).toContain('<td><strong>1</strong></td><td><a href="/help/agent#memory"><code>m</code></a> n</td>');
});
