import type { Outcome } from './command.ts';

/** A link that somebody made here: what is printed on standard output is the link alone. */
export function describeLink(
  consoleUrl: string,
  { kind, token, expiresAt }: { kind: 'invitation' | 'reset'; token: string; expiresAt: Date },
  notes: readonly string[] = [],
): Outcome {
  const link = new URL(`/${kind}#${token}`, consoleUrl).href;
  return {
    lines: [link],
    notes: [...notes, `Works once, until ${expiresAt.toISOString()}, for whoever has it: hand it to this person alone.`],
    json: { link, expiresAt: expiresAt.toISOString() },
  };
}
