import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

export interface HubMetrics {
  registry: Registry;
  /** a message of an agent was handled; `result` is ok or a LinkErrorCode */
  countMessage(type: string, result: string): void;
  countHandshake(result: 'welcomed' | 'refused' | 'overloaded'): void;
  /** receipts in acknowledged batches, repeated ones too */
  countReceipts(count: number): void;
}

/** The hub's metrics, in a registry of their own. `connections` is asked at each scrape. */
export function createHubMetrics(connections: () => number): HubMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'gatehouse_hub_connections',
    help: 'Agents that are connected to this hub.',
    registers,
    collect() {
      this.set(connections());
    },
  });
  const messages = new Counter({
    name: 'gatehouse_hub_messages_total',
    help: 'Messages of agents by type and result.',
    labelNames: ['type', 'result'],
    registers,
  });
  const handshakes = new Counter({
    name: 'gatehouse_hub_handshakes_total',
    help: 'Connection attempts by result.',
    labelNames: ['result'],
    registers,
  });
  const receipts = new Counter({ name: 'gatehouse_hub_receipts_total', help: 'Receipts in acknowledged batches.', registers });
  return {
    registry,
    countMessage: (type, result) => messages.inc({ type, result }),
    countHandshake: (result) => handshakes.inc({ result }),
    countReceipts: (count) => receipts.inc(count),
  };
}
