/** Of many texts so many are read. */
const MOST = 5;

/** The first of these, and how many others there are: "a, b and 3 more". */
export function formatSome(texts: readonly string[], separator = ', '): string {
  const more = texts.length - MOST;
  const some = texts.slice(0, MOST).join(separator);
  return more > 0 ? `${some} and ${more.toLocaleString('en')} more` : some;
}
