/** A number as JSON writes it. */
const NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;
/** Characters; a double needs fewer. */
const MAX_LENGTH = 64;

/** The number that a text writes, when a double keeps every digit of it; else null. */
export function readExactNumber(text: string): number | null {
  if (text.length > MAX_LENGTH) return null;
  const said = toDecimal(text);
  if (said === null) return null;
  const value = Number(text);
  return Number.isFinite(value) && toDecimal(String(value)) === said ? value + 0 : null;
}

/** One text for each decimal, however it is written. */
function toDecimal(text: string): string | null {
  const found = NUMBER.exec(text);
  if (!found) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = found;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** Whether every number in a JSON text keeps its digits when it is parsed. */
export function hasExactNumbers(json: string): boolean {
  return [...json.matchAll(TOKEN)].every(([token]) => token.startsWith('"') || readExactNumber(token) !== null);
}
