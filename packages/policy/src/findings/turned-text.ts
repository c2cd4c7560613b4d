import type { HiddenUnits } from './hidden-units.ts';

const OPENERS = /[\u202B\u202D\u202E\u2067]/;
const [LEFT_EMBEDDING, RIGHT_EMBEDDING, POP, LEFT_OVERRIDE, RIGHT_OVERRIDE] = [0x202a, 0x202b, 0x202c, 0x202d, 0x202e] as const;
const [LEFT_ISOLATE, RIGHT_ISOLATE, FIRST_STRONG, POP_ISOLATE] = [0x2066, 0x2067, 0x2068, 0x2069] as const;
/** As deep as the algorithm of Unicode goes; what is deeper turns nothing. */
const MOST_DEPTH = 125;

interface Turn {
  code: number;
  at: number;
  /** text that is read from the right stands in it, which is what it is for */
  isUsual: boolean;
  isHiding: boolean;
}

/**
 * Notes controls of direction under which letters are shown in another order than they are read: an override with letters of the other direction in it, and an
 * embedding or isolate from the right that holds nothing but others from the left. All others are how people write, or turn nothing.
 */
export function noteTurnedText(text: string, hidden: HiddenUnits): void {
  if (!OPENERS.test(text)) return;
  const turns = new Turns(hidden);
  for (let at = 0; at < text.length; at += 1) if (!hidden.has(at)) turns.read(text.charCodeAt(at), at);
}

/** The controls that are open where a text is read. */
class Turns {
  readonly #hidden: HiddenUnits;
  readonly #open: Turn[] = [];
  #isolates = 0;

  constructor(hidden: HiddenUnits) {
    this.#hidden = hidden;
  }

  read(code: number, at: number): void {
    if (isLineEnd(code)) this.#end();
    else if (isOpener(code)) this.#enter(code, at);
    else if (code === POP || code === POP_ISOLATE) this.#leave(code, at);
    else if (this.#open.length > 0) this.#readLetter(code);
  }

  #end(): void {
    this.#open.length = 0;
    this.#isolates = 0;
  }

  #enter(code: number, at: number): void {
    const around = this.#open.at(-1);
    const isFromLeft = code === LEFT_EMBEDDING || code === LEFT_OVERRIDE || code === LEFT_ISOLATE;
    if (around && isFromLeft && isFromRight(around.code) && !around.isUsual) this.#note(around);
    if (this.#open.length === MOST_DEPTH) return;
    this.#open.push({ code, at, isUsual: false, isHiding: false });
    if (code >= LEFT_ISOLATE) this.#isolates += 1;
  }

  #leave(code: number, at: number): void {
    const isIsolate = code === POP_ISOLATE;
    if (isIsolate ? this.#isolates === 0 : (this.#open.at(-1)?.code ?? LEFT_ISOLATE) >= LEFT_ISOLATE) return;
    let last = this.#open.pop();
    while (isIsolate && last && last.code < LEFT_ISOLATE) last = this.#open.pop();
    if (isIsolate) this.#isolates -= 1;
    if (last?.isHiding) this.#hidden.add(at, at + 1, 'direction');
    const around = this.#open.at(-1);
    if (around && last?.isUsual) around.isUsual = true;
  }

  #readLetter(code: number): void {
    const inner = this.#open.at(-1);
    if (!inner || inner.isHiding || code <= 0x20 || code === 0xa0 || isUnseenUnit(code)) return;
    const isRight = isRightUnit(code);
    if (isRight) inner.isUsual = true;
    if (inner.code === (isRight ? LEFT_OVERRIDE : RIGHT_OVERRIDE)) this.#note(inner);
  }

  #note(turn: Turn): void {
    if (!turn.isHiding) this.#hidden.add(turn.at, turn.at + 1, 'direction');
    turn.isHiding = true;
  }
}

const isLineEnd = (code: number) => code === 0x0a || code === 0x0d || code === 0x85 || code === 0x2029;
const isOpener = (code: number) =>
  (code >= LEFT_EMBEDDING && code <= RIGHT_OVERRIDE && code !== POP) || (code >= LEFT_ISOLATE && code <= FIRST_STRONG);
const isFromRight = (code: number) => code === RIGHT_EMBEDDING || code === RIGHT_OVERRIDE || code === RIGHT_ISOLATE;
const isUnseenUnit = (code: number) =>
  (code >= 0x200b && code <= 0x200f) || (code >= 0x2060 && code <= 0x2065) || code === 0xfeff;
/** Units of scripts that are read from the right, and the first halves of the others of them. */
const isRightUnit = (code: number) =>
  (code >= 0x590 && code < 0x900) ||
  (code >= 0xfb1d && code < 0xfe00) ||
  (code >= 0xfe70 && code < 0xfeff) ||
  (code >= 0xd802 && code <= 0xd803) ||
  (code >= 0xd83a && code <= 0xd83b);
