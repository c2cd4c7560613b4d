import type { CompiledConfig } from '@gatehouse/policy/compile/compile-snapshot';
import type { ReasonCode } from '@gatehouse/policy/decision';

import type { Standing } from '../state/standing.ts';

/** A server of the configuration that is not used, and why. */
export interface WithheldServer {
  code: 'guardrail' | 'credential' | 'sandbox';
  /** for operators and callers */
  reason: string;
}

/** One verified configuration with its compiled form. Immutable: a call takes it once and keeps it to its end. */
export interface ActiveConfig {
  version: number;
  contentHash: string;
  /** end of the lease */
  notAfter: string;
  compiled: CompiledConfig;
  /** servers of it that took themselves out when it was brought into force, by id; nothing reaches them */
  withheld: ReadonlyMap<string, WithheldServer>;
}

/** Whether calls may be served now, and from what; else the reason code and the sentence a caller gets. */
export type Serving = { ok: true; config: ActiveConfig } | { ok: false; code: ReasonCode; message: string };

type Refusal = Extract<Serving, { ok: false }>;
/** Why an agent that is revoked or quarantined serves nobody. */
export type StandingRefusal = Refusal & { code: 'agent_revoked' | 'agent_quarantined' };

const REFUSALS: Record<Exclude<Standing, 'good'>, StandingRefusal> = {
  revoked: {
    ok: false,
    code: 'agent_revoked',
    message: 'This agent was revoked. Ask an administrator to enrol it again.',
  },
  quarantined: {
    ok: false,
    code: 'agent_quarantined',
    message: 'This agent is quarantined: its key was used twice. Ask an administrator to enrol it again.',
  },
};

/** The configuration in force. Readers take one reference; only config/apply.ts and the start swap it. */
export class CurrentConfig {
  #active: ActiveConfig | null = null;
  #standing: Standing;
  readonly #listeners = new Set<() => void>();

  constructor(standing: Standing = 'good') {
    this.#standing = standing;
  }

  get(): ActiveConfig | null {
    return this.#active;
  }

  getStanding(): Standing {
    return this.#standing;
  }

  /** Null while the control plane lets this agent serve. Every request is refused with it before its body is read. */
  findStandingRefusal(): StandingRefusal | null {
    return this.#standing === 'good' ? null : REFUSALS[this.#standing];
  }

  /**
   * Whether calls may be served at this time. Every call and every list asks this, whatever was true when its request came in. `now`:
   * milliseconds since the epoch.
   */
  checkServing(now: number): Serving {
    const refusal = this.findStandingRefusal();
    if (refusal) return refusal;
    if (!this.#active) {
      return {
        ok: false,
        code: 'profile_unknown',
        message: 'This agent has no configuration yet. Publish a profile at its site.',
      };
    }
    const { notAfter } = this.#active;
    if (now >= Date.parse(notAfter)) {
      return {
        ok: false,
        code: 'lease_expired',
        message: `The configuration of this agent ended at ${notAfter} and the control plane has not renewed it.`,
      };
    }
    return { ok: true, config: this.#active };
  }

  swap(next: ActiveConfig): void {
    this.#active = next;
    this.#notify();
  }

  setStanding(standing: Standing): void {
    if (standing === this.#standing) return;
    this.#standing = standing;
    this.#notify();
  }

  /** Called after every swap and change of standing. Returns the unsubscriber. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
