import type { CompiledConfig } from '@gatehouse/policy/compile/compile-snapshot';
import { removeEnded } from '@gatehouse/policy/compile/remove-ended';
import type { ReasonCode } from '@gatehouse/policy/decision';
import { Revocations } from '@gatehouse/policy/revocations';

import type { Standing } from '../state/standing.ts';
import { ASK_ADMIN } from './ask-admin.ts';

/** A server or profile of the configuration that is not used, and why. */
export interface Withheld {
  kind: 'server' | 'profile';
  code: 'guardrail' | 'credential' | 'sandbox' | 'invalid';
  /** for operators and callers */
  reason: string;
}

/** One verified configuration with its compiled form. */
export interface LoadedConfig {
  version: number;
  contentHash: string;
  /** end of the lease */
  notAfter: string;
  compiled: CompiledConfig;
  /** what of it took itself out when it was brought into force, by id; nothing reaches that */
  withheld: ReadonlyMap<string, Withheld>;
}

/** What calls are served from: the compiled form is without what was revoked, and without approvals that have ended by themselves. Immutable: a call takes it once and keeps it to its end. */
export interface ActiveConfig extends LoadedConfig {
  revocations: Revocations;
}

/** What the tenant's revocation log says, whatever the configuration says. `now`: milliseconds since the epoch. */
export interface RevocationView {
  readonly revocations: Revocations;
  /** the configuration without what is barred now */
  removeBarred(compiled: CompiledConfig): CompiledConfig;
  /** why this agent may serve nobody; null: it may */
  explainBar(now: number): string | null;
  /** why the log is too old to serve by; null: it is not */
  explainAge(now: number): string | null;
}

const EMPTY_LOG: RevocationView = {
  revocations: new Revocations(),
  removeBarred: (compiled) => compiled,
  explainBar: () => null,
  explainAge: () => null,
};

/** Whether calls may be served now, and from what; else the reason code and the sentence a caller gets. */
export type Serving = { ok: true; config: ActiveConfig } | { ok: false; code: ReasonCode; message: string };

type Refusal = Extract<Serving, { ok: false }>;
/** Why an agent that is revoked or quarantined serves nobody. */
export type StandingRefusal = Refusal & { code: 'agent_revoked' | 'agent_quarantined' };

const REFUSALS: Record<Exclude<Standing, 'good'>, StandingRefusal> = {
  revoked: {
    ok: false,
    code: 'agent_revoked',
    message: `This agent was revoked. ${ASK_ADMIN}`,
  },
  quarantined: {
    ok: false,
    code: 'agent_quarantined',
    message: `This agent is quarantined. ${ASK_ADMIN}`,
  },
};

/** For a caller: nothing was ever published for this agent. */
export const NOT_CONFIGURED = `This agent has no configuration yet. ${ASK_ADMIN}`;

/** The configuration in force. Readers take one reference; only config/apply.ts and the start swap it. */
export class CurrentConfig {
  #loaded: LoadedConfig | null = null;
  #active: ActiveConfig | null = null;
  /** the latest time at which somebody asked, by which approvals have ended; a clock that goes back brings none of them back */
  #askedAt = -Infinity;
  /** when the next approval of the one in force ends by itself */
  #nextEnd = Infinity;
  #standing: Standing;
  readonly #log: RevocationView;
  readonly #listeners = new Set<() => void>();

  constructor(standing: Standing = 'good', log: RevocationView = EMPTY_LOG) {
    this.#standing = standing;
    this.#log = log;
  }

  get(): ActiveConfig | null {
    return this.#active;
  }

  getStanding(): Standing {
    return this.#standing;
  }

  /** Null while the control plane lets this agent serve. Every request is refused with it before its body is read. */
  findStandingRefusal(now: number): StandingRefusal | null {
    if (this.#standing !== 'good') return REFUSALS[this.#standing];
    const message = this.#log.explainBar(now);
    return message === null ? null : { ok: false, code: 'agent_revoked', message };
  }

  /**
   * Whether calls may be served at this time. Every call and every list asks this, whatever was true when its request came in. `now`:
   * milliseconds since the epoch.
   */
  checkServing(now: number): Serving {
    const refusal = this.findStandingRefusal(now);
    if (refusal) return refusal;
    this.endApprovals(now);
    if (!this.#active) {
      return {
        ok: false,
        code: 'profile_unknown',
        message: NOT_CONFIGURED,
      };
    }
    const { notAfter } = this.#active;
    if (now >= Date.parse(notAfter)) {
      return {
        ok: false,
        code: 'lease_expired',
        message: `The configuration of this agent ended at ${notAfter} and was not renewed. ${ASK_ADMIN}`,
      };
    }
    const tooOld = this.#log.explainAge(now);
    if (tooOld !== null) return { ok: false, code: 'lease_expired', message: tooOld };
    return { ok: true, config: this.#active };
  }

  swap(next: LoadedConfig): void {
    this.#loaded = next;
    this.reviewRevocations();
  }

  /** Takes out of the configuration what the revocation log bars by now, and what had ended when somebody asked at the latest. */
  reviewRevocations(): void {
    const { revocations } = this.#log;
    this.#nextEnd = Infinity;
    if (this.#loaded) {
      const { compiled, nextEnd } = removeEnded(this.#log.removeBarred(this.#loaded.compiled), this.#askedAt);
      this.#active = { ...this.#loaded, compiled, revocations };
      this.#nextEnd = nextEnd;
    }
    this.#notify();
  }

  /** When the next approval ends by itself, milliseconds since the epoch; Infinity: none does. */
  getNextEnd(): number {
    return this.#nextEnd;
  }

  /** Takes out the approvals whose own end has come, if there are such. Answers when the next one comes, as `getNextEnd`. */
  endApprovals(now: number): number {
    this.#askedAt = Math.max(this.#askedAt, now);
    if (now >= this.#nextEnd) this.reviewRevocations();
    return this.#nextEnd;
  }

  setStanding(standing: Standing): void {
    if (standing === this.#standing) return;
    this.#standing = standing;
    this.#notify();
  }

  /** Called after every swap, revocation and change of standing. Returns the unsubscriber. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
