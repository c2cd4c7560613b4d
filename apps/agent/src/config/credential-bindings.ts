import * as z from 'zod';

import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import { parseJson } from '../state/parse-json.ts';
import { readState, StateDirError, writeState, type StateDir } from '../state/state-dir.ts';
import type { Guardrails } from './guardrails.ts';

/** Another use bound the reference in the meantime. */
export class BindingRefused extends Error {
  override readonly name = 'BindingRefused';
}

const BindingsFile = z.record(z.string(), z.string());

/**
 * Which origin each secret reference, and each token that is had for one, may be sent to. With `credentials` in the guardrails that list
 * decides; without it the first origin a reference is used for is kept for good, so that a later snapshot cannot send the same secret
 * elsewhere.
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
    for (const { slug, key, reference, origin } of listUses(servers)) {
      const allowed = this.#named ? (this.#named.get(reference) ?? []) : [(seen[key] ??= origin)];
      if (!allowed.includes(origin)) {
        const bound = allowed.length > 0 ? `is bound to ${allowed.join(', ')}` : 'is bound to no origin';
        problems.push(`server ${slug}: ${key} ${bound}; to send it to ${origin} name both under credentials in the guardrails`);
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
    for (const { key, origin } of listUses(servers)) next[key] ??= origin;
    if (Object.keys(next).length === Object.keys(this.#learned).length) return;
    await writeState(this.#dir, this.#dir.bindings, JSON.stringify(next));
    this.#learned = next;
  }
}

interface Use {
  slug: string;
  /** the reference, or `token of <reference>` for what an authorization server gives for it */
  key: string;
  reference: string;
  origin: string;
}

/**
 * Every place that a secret, or a token that is had for it, is sent to. A client secret goes to its token endpoint alone, and the token to
 * the server alone: both are bound, or a changed address would get a token as good as the secret.
 */
function listUses(servers: readonly SnapshotServer[]): Use[] {
  return servers.flatMap(({ slug, transport }) => {
    if (transport.kind === 'stdio' || !transport.credential) return [];
    const { credential } = transport;
    const { reference } = credential;
    const server = new URL(transport.kind === 'http' ? transport.url : transport.baseUrl).origin;
    if (credential.kind !== 'client_credentials') return [{ slug, key: reference, reference, origin: server }];
    return [
      { slug, key: reference, reference, origin: new URL(credential.tokenUrl).origin },
      { slug, key: `token of ${reference}`, reference, origin: server },
    ];
  });
}
