import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark; }
code { overflow-wrap: anywhere; }
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** What a person sees who opens the address of an endpoint in a browser. It tells nothing that the address itself does not tell. */
export function sendHumanPage(response: ServerResponse, url: string): void {
  const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Gatehouse endpoint</title>
<style>${STYLE}</style>
</head>
<body>
<h1>This is an address for AI clients</h1>
<p>It speaks the Model Context Protocol. Enter it in your AI client together with your client key:</p>
<p><code>${escapeHtml(url)}</code></p>
<p>The Connect page of the Gatehouse console has your key and the exact settings for each client.</p>
</body>
</html>
`;
  response
    .writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    .end(page);
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
