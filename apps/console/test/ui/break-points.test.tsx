import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

import { withBreaks } from '../../src/ui/text/break-points.tsx';

test.each([
  ['replaceOrderNote', 'replace|Order|Note'],
  ['add_order_note', 'add_|order_|note'],
  ['nea@acme.example', 'nea@|acme.|example'],
  ['demo://resource/static', 'demo://resource/|static'],
  ['http://127.0.0.1:8610/p/support/mcp', 'http://127.0.0.1:8610/|p/|support/|mcp'],
  ['Plain words, and no more.', 'Plain words, and no more.'],
])('%s goes on in the next line between its parts, and stays the same text', (text, parts) => {
  const html = renderToStaticMarkup(withBreaks(text));
  expect(html.replaceAll('<wbr/>', '|')).toBe(parts);
  expect(html.replaceAll('<wbr/>', '')).toBe(text);
});
