import type { Span } from '../span.ts';

const BEGIN = '-----BEGIN ';
const HEADER = /-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----/y;
const FOOTER = /-----END [A-Z0-9 ]{0,80}-----/g;

/** Private keys in PEM form: from the header to the footer, or to the end of the text when it was cut. */
export function findPrivateKeys(text: string): Span[] {
  const spans: Span[] = [];
  for (let start = text.indexOf(BEGIN); start >= 0;) {
    HEADER.lastIndex = start;
    if (HEADER.test(text)) {
      FOOTER.lastIndex = start;
      const footer = FOOTER.exec(text);
      const end = footer ? footer.index + footer[0].length : text.length;
      spans.push({ start, end, rule: 'private-key' });
      start = text.indexOf(BEGIN, end);
    } else {
      start = text.indexOf(BEGIN, start + BEGIN.length);
    }
  }
  return spans;
}

const AUTHORITY_END = /[/?#\s"'<>\\]/;
const MAX_AUTHORITY = 512;

/** `user:password@` in URLs, whole. */
export function findUrlCredentials(text: string): Span[] {
  const spans: Span[] = [];
  for (let scheme = text.indexOf('://'); scheme >= 0; scheme = text.indexOf('://', scheme + 3)) {
    const start = scheme + 3;
    let at = -1;
    for (
      let index = start;
      index < text.length && index - start < MAX_AUTHORITY && !AUTHORITY_END.test(text.charAt(index));
      index += 1
    )
      if (text.charAt(index) === '@') at = index;
    if (at > start) spans.push({ start, end: at, rule: 'url-credentials' });
  }
  return spans;
}
