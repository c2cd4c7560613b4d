import type { AgentLink } from './agent-link.ts';

/** The links of this process. */
export class LinkRegistry {
  readonly #byAgent = new Map<string, AgentLink>();
  readonly #byTenant = new Map<string, Set<AgentLink>>();

  /** Every link that has not ended, replaced ones too. */
  get all(): AgentLink[] {
    return [...this.#byTenant.values()].flatMap((links) => [...links]);
  }

  listForTenant(tenantId: string): AgentLink[] {
    return [...(this.#byTenant.get(tenantId) ?? [])];
  }

  countForTenant(tenantId: string): number {
    return this.#byTenant.get(tenantId)?.size ?? 0;
  }

  /** Takes in a link until it ends. Of two links of one agent the one with the higher epoch is served. */
  add(link: AgentLink): void {
    const { agentId, ctx } = link;
    const known = this.#byAgent.get(agentId);
    if (known && known.epoch > link.epoch) link.retire();
    else this.#byAgent.set(agentId, link);
    if (known && known.epoch < link.epoch) known.retire();

    const links = this.#byTenant.get(ctx.tenantId) ?? new Set();
    this.#byTenant.set(ctx.tenantId, links.add(link));
    void link.ended.then(() => this.#remove(link));
  }

  #remove(link: AgentLink): void {
    if (this.#byAgent.get(link.agentId) === link) this.#byAgent.delete(link.agentId);
    const links = this.#byTenant.get(link.ctx.tenantId);
    links?.delete(link);
    if (links?.size === 0) this.#byTenant.delete(link.ctx.tenantId);
  }
}
