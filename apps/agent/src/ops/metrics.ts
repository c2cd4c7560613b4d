import { Counter, Gauge, Registry } from 'prom-client';

import type { Outcome, ReasonCode } from '@gatehouse/policy/decision';

import type { AgentParts } from './readiness.ts';

export interface AgentMetrics {
  registry: Registry;
  /** adds the gauges; they are read when they are scraped */
  watch(agent: AgentParts): void;
  countCall(outcome: Outcome, reasonCode: ReasonCode): void;
  countSpoolFailure(): void;
}

/** The agent's own registry with its counters. */
export function createMetrics(): AgentMetrics {
  const registry = new Registry();
  const registers = [registry];
  const calls = new Counter({
    name: 'gatehouse_agent_calls_total',
    help: 'Finished calls by outcome and reason',
    labelNames: ['outcome', 'reason'],
    registers,
  });
  const spoolFailures = new Counter({
    name: 'gatehouse_agent_spool_failures_total',
    help: 'Times that the disk stopped taking receipts',
    registers,
  });
  return {
    registry,
    watch: (agent) => addGauges(registers, agent),
    countCall: (outcome, reason) => calls.inc({ outcome, reason }),
    countSpoolFailure: () => spoolFailures.inc(),
  };
}

function addGauges(registers: Registry[], { audit, current, upstreams, listener, link }: AgentParts): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `gatehouse_agent_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('hub_connected', '1 while the connection to the hub is ready', () => (link.getState().phase === 'connected' ? 1 : 0));
  gauge('config_version', 'Version of the configuration that is served, 0 for none', () => current.get()?.version ?? 0);
  gauge('servers_withheld', 'Servers of the configuration that this agent does not use', () => upstreams.withheld.list().size);
  gauge('receipts_buffered', 'Receipts that the hub has not acknowledged', () => audit.shipper.getBufferedCount());
  gauge('spool_bytes', 'Size of the receipts on disk', () => audit.spool.getTotalBytes());
  gauge('receipts_lost', 'Receipts since the start that could not be kept', () => audit.spool.getLostCount());
  gauge('receipts_refused', 'Receipts that the hub does not take, set aside on the disk', () => audit.refused.getCount());
  gauge('sessions_open', 'Open sessions of AI clients', () => listener.openSessions());
}
