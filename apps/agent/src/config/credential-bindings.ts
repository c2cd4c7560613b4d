import { z } from 'zod';

import type { SnapshotServer } from '@gatehouse/policy/snapshot';

import { parseJson } from '../identity/parse-json.ts';
import { readState, StateDirError, writeState, type StateDir } from '../identity/state-dir.ts';
import type { Guardrails } from './guardrails.ts';

/** Another use bound the reference in the meantime. */
export class BindingRefused extends Error {
  override readonly name = 'BindingRefused';
}

const BindingsFile = z.record(z.string(), z.string());

/**
 * Which origin each secret reference may be sent to. With `credentials` in the guardrails that list decides; without it the first origin
 * a reference is used for is kept for good, so that a later snapshot cannot send the same secret elsewhere.
 */
export class CredentialBindings {
  readonly #dir: StateDir;
  readonly #named: Guardrails['credentials'];
  #learned: Record<string, string>;
  #learning: Promise<void> = Promise.resolve();

  /** Throws StateDirError when the stored bindings are damaged. */
  constructor(dir: StateDir, guardrails: Guardrails) {
    this.#dir = dir;
    this.#named = guardrails.credentials;
    const text = readState(dir.bindings);
    const stored = text === null ? {} : parseJson(text, BindingsFile);
    if (!stored)
      throw new StateDirError(`${dir.bindings} is damaged. Remove it to let the next configuration bind its credentials.`);
    this.#learned = stored;
  }

  /** Reasons why these servers may not get their credentials; empty when all may. */
  check(servers: readonly SnapshotServer[]): string[] {
    const seen = { ...this.#learned };
    const problems: string[] = [];
    for (const { slug, reference, origin } of uses(servers)) {
      const allowed = this.#named ? (this.#named.get(reference) ?? []) : [(seen[reference] ??= origin)];
      if (!allowed.includes(origin)) {
        const bound = allowed.length > 0 ? `is bound to ${allowed.join(', ')}` : 'is bound to no origin';
        problems.push(
          `server ${slug}: ${reference} ${bound}; to send it to ${origin} name both under credentials in the guardrails`,
        );
      }
    }
    return problems;
  }

  /** Keeps first uses, durably. Call it with servers that passed `check`, before any of them gets its credential. */
  learn(servers: readonly SnapshotServer[]): Promise<void> {
    const done = this.#learning.then(() => this.#learn(servers));
    this.#learning = done.catch(() => undefined);
    return done;
  }

  async #learn(servers: readonly SnapshotServer[]): Promise<void> {
    if (this.#named) return;
    const [problem] = this.check(servers);
    if (problem !== undefined) throw new BindingRefused(problem);
    const next = { ...this.#learned };
    for (const { reference, origin } of uses(servers)) next[reference] ??= origin;
    if (Object.keys(next).length === Object.keys(this.#learned).length) return;
    await writeState(this.#dir, this.#dir.bindings, JSON.stringify(next));
    this.#learned = next;
  }
}

function uses(servers: readonly SnapshotServer[]): { slug: string; reference: string; origin: string }[] {
  return servers.flatMap(({ slug, transport }) =>
    transport.kind === 'http' && transport.credential
      ? [{ slug, reference: transport.credential.reference, origin: new URL(transport.url).origin }]
      : [],
  );
}
