import { describeField, isWritable, listFields, type Sent } from './fields.ts';
import { SECRETS } from './secrets.ts';

/** Which secret was delivered in which field: noted by the other side, once the agent had taken it. */
export class Ledger {
  readonly #pairs = new Set<string>();

  note(which: number, sent: readonly Sent[]): void {
    for (const { number } of sent.length > 0 ? listFields(...sent) : []) this.#pairs.add(`${number}/${which}`);
  }

  /** How many were to be delivered, and in words what was not. */
  compare(): { pairs: number; missing: string[] } {
    const pairs = listFields().flatMap((field) =>
      Array.from(SECRETS.entries())
        .filter(([, { write }]) => isWritable(field, write(field.number)))
        .map(([which, { name }]) => ({ key: `${field.number}/${which}`, words: `${describeField(field)}: ${name}` })),
    );
    const missing = pairs.filter(({ key }) => !this.#pairs.has(key)).map(({ words }) => words);
    return { pairs: pairs.length, missing };
  }
}
