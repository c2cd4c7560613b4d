/** One way a held secret can be written. `embedded`: part of a longer base64 text, which then goes as a whole. */
export interface Written {
  text: string;
  embedded: boolean;
}

const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** The secret in every encoding that common software writes it in. Each result is at least 8 characters when the secret is. */
export function listWrittenForms(secret: string): Written[] {
  const bytes = Buffer.from(secret, 'utf8');
  const plain = new Set([secret, ...listJsonForms(secret), ...listHtmlForms(secret), ...listUrlForms(secret, bytes)]);
  plain.add(Array.from(secret).reverse().join(''));
  const hex = bytes.toString('hex');
  plain.add(hex).add(hex.toUpperCase());
  return [
    ...[...plain].map((text) => ({ text, embedded: false })),
    ...listBase64Forms(bytes).map((text) => ({ text, embedded: true })),
  ];
}

/** As inside a JSON string, once and twice over, with slashes or everything beyond ASCII escaped as some writers do. */
function listJsonForms(secret: string): string[] {
  const once = JSON.stringify(secret).slice(1, -1);
  const ascii = once.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const forms = [once, ascii, once.replaceAll('/', '\\/'), ascii.replaceAll('/', '\\/')];
  return [...forms, ...forms.map((form) => JSON.stringify(form).slice(1, -1))];
}

function listHtmlForms(secret: string): string[] {
  const escaped = secret.replace(/[&<>"']/g, (character) => HTML[character] ?? character);
  return [
    escaped,
    escaped.replaceAll('&#39;', '&#x27;'),
    escaped.replaceAll('&#39;', '&apos;'),
    escaped.replaceAll('&quot;', '&#34;'),
  ];
}

function listUrlForms(secret: string, bytes: Buffer): string[] {
  const component = encodeURIComponent(secret.toWellFormed());
  const strict = component.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  const every = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');
  const form = new URLSearchParams([['', secret.toWellFormed()]]).toString().slice(1);
  const forms = [
    component,
    strict,
    every,
    form,
    form.replaceAll('+', '%20'),
    strict.replaceAll('%20', '+'),
    encodeURI(secret.toWellFormed()),
  ];
  return [...forms, ...forms.map((escaped) => escaped.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))];
}

/** The characters that are the same wherever in a longer base64 text the secret lies: one form per alignment, in both alphabets. */
function listBase64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const core = text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
