import { isExactNumber, writeNumber } from '@gatehouse/policy/documents/exact-number';

/** An argument that cannot be sent where its operation puts it. The message names the argument and never repeats its value. */
export class ArgumentRefused extends Error {
  override readonly name = 'ArgumentRefused';
}

/** The text of a scalar. Throws ArgumentRefused for anything else. */
export function encodeScalar(argument: string, value: unknown): string {
  if (typeof value === 'string') return requireWellFormed(argument, value);
  if (typeof value === 'number' || isExactNumber(value)) return writeNumber(value);
  if (typeof value === 'boolean') return String(value);
  throw new ArgumentRefused(`"${argument}" is nested, and has no written form where it is sent.`);
}

export function requireWellFormed(argument: string, text: string): string {
  if (text.isWellFormed()) return text;
  throw new ArgumentRefused(`"${argument}" holds half of a character.`);
}
