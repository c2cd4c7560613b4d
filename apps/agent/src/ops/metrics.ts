import { Counter, Gauge, Registry } from 'prom-client';

import type { Outcome, ReasonCode } from '@gatehouse/policy/decision';

export interface GaugeSources {
  connected: () => number;
  configVersion: () => number;
  bufferedReceipts: () => number;
  spoolBytes: () => number;
  lostReceipts: () => number;
  openSessions: () => number;
}

export interface AgentMetrics {
  registry: Registry;
  countCall(outcome: Outcome, reasonCode: ReasonCode): void;
  countSpoolFailure(): void;
}

/** The agent's own registry; gauges read their source when they are scraped. */
export function createMetrics(sources: GaugeSources): AgentMetrics {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `gatehouse_agent_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('hub_connected', '1 while the connection to the hub is ready', sources.connected);
  gauge('config_version', 'Version of the configuration that is served, 0 for none', sources.configVersion);
  gauge('receipts_buffered', 'Receipts that the hub has not acknowledged', sources.bufferedReceipts);
  gauge('spool_bytes', 'Size of the receipts on disk', sources.spoolBytes);
  gauge('receipts_lost', 'Receipts since the start that could not be kept', sources.lostReceipts);
  gauge('sessions_open', 'Open sessions of AI clients', sources.openSessions);
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
    countCall: (outcome, reason) => calls.inc({ outcome, reason }),
    countSpoolFailure: () => spoolFailures.inc(),
  };
}
