/** Parts that a name is looked at: no server nests deeper, and a longer name is compared by these. */
const MAX_PARTS = 16;
const MAX_DECODINGS = 4;

/**
 * The parts of a parameter's name as servers read it: `filter[status]`, `Filter.status` and `filter%5Bstatus%5D` are one name to some of them,
 * and so are `order-id`, `order_id`, `orderId` and `orderid`.
 */
export function splitName(name: string): string[] {
  return decodeName(name)
    .split(/[[\].]+/, MAX_PARTS)
    .map((part) =>
      part
        .normalize('NFKC')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}]+/gu, ''),
    )
    .filter((part) => part !== '');
}

/** The whole name as one word: servers differ in what they take for a border inside of it. */
export function foldName(name: string): string {
  return splitName(name).join('');
}

/**
 * Whether a server may take a parameter of this name for the method of the request: `_method` (Rails, Laravel, Symfony), `_HttpMethod`
 * (Salesforce), `method` (Facebook), and the headers `X-HTTP-Method-Override` and `X-HTTP-Method`, which some read from query and body too.
 */
export function isMethodOverride(name: string): boolean {
  return /^x?(?:http)?method(?:override)?$/.test(foldName(name));
}

/** To some servers a name ends at NUL, others read it without: nobody can say which name it is. */
function holdsNul(name: string): boolean {
  return decodeName(name).includes('\0');
}

/** Why nothing is ever sent under a name, in words to put after it; null when it can be. */
export function findNameFault(name: string): string | null {
  if (name === '') return 'has an empty name';
  if (!name.isWellFormed()) return 'has half of a character in its name';
  return holdsNul(name) ? 'has NUL in its name, where the name ends to some servers' : null;
}

/** Whether two names are one for some server, or one stands inside of the other. */
export function isRival(name: string, other: string): boolean {
  if (holdsNul(name) || holdsNul(other)) return true;
  const [shorter, longer] = [splitName(name), splitName(other)].toSorted((a, b) => a.length - b.length);
  if (!shorter?.length || !longer) return false;
  return shorter.every((part, index) => longer[index] === part) || shorter.join('') === longer.join('');
}

/** Percent-encoding is taken off until nothing changes, so that what decodes twice is seen too. */
function decodeName(name: string): string {
  let text = name;
  for (let round = 0; round < MAX_DECODINGS; round += 1) {
    const decoded = text.replaceAll(/%([0-7][0-9a-f])/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    if (decoded === text) break;
    text = decoded;
  }
  return text;
}
