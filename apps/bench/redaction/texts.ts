const ISSUES = Array.from({ length: 200 }, (_, index) => ({
  id: 1_000 + index,
  title: `Login fails with "invalid state" #${index}`,
  body: 'Steps:\n1. Open https://app.example.com/login?next=%2Fhome&lang=en\n2. Sign in\n\nExpected: home\nActual: error',
  user: { login: 'octo-cat', url: 'https://api.example.com/users/octo-cat', site_admin: false },
  labels: ['bug', 'auth'],
  created_at: '2026-11-28T10:11:12Z',
  score: 0.8231,
}));
const repeat = (count: number, write: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => write(index)).join('');

function answer(text: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 7, result: { content: [{ type: 'text', text }] } });
}

/** Answers of servers, as they stand on the wire. */
export const TEXTS: Readonly<Record<string, string>> = {
  'echo of 256 characters': answer('x y '.repeat(64)),
  'result of 1 kB': answer(JSON.stringify(ISSUES.slice(0, 2))),
  prose: answer('The quick brown fox jumps over the lazy dog, and then it sleeps until the evening comes. '.repeat(800)),
  Japanese: answer('認証に失敗しました。もう一度お試しください。'.repeat(2_000)),
  'source code': answer(
    repeat(500, (index) => `  const row${index} = await read({ id: ${index} });\n  if (!row${index}.ok && done) return null;\n`),
  ),
  'structured JSON': JSON.stringify({ result: { structuredContent: ISSUES } }),
  'JSON in JSON': answer(JSON.stringify(ISSUES)),
  'indented JSON in JSON': answer(JSON.stringify(ISSUES, null, 2)),
  'log lines': answer(
    repeat(600, (index) => `2026-11-28T10:11:12 INFO server:${index} id=${index * 7_919} status=200 took ${index}ms\n`),
  ),
  HTML: answer(
    repeat(500, (index) => `<div class="item" id="i${index}"><a href="/x?a=1&amp;b=${index}">Item &nbsp; ${index}</a></div>\n`),
  ),
  'whole numbers': JSON.stringify(Array.from({ length: 8_000 }, (_, index) => (index * 7_919) % 1_000)),
  base64: answer(Buffer.from(Uint8Array.from({ length: 60_000 }, (_, index) => (index * 7_919) >> 3)).toString('base64')),
};
