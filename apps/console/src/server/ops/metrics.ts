import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

interface Metrics {
  registry: Registry;
  procedureSeconds: Histogram<'path' | 'type' | 'result'>;
  signIns: Counter<'result'>;
}

function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'gatehouse_' });
  return {
    registry,
    procedureSeconds: new Histogram({
      name: 'gatehouse_console_procedure_seconds',
      help: 'Time of one tRPC procedure',
      labelNames: ['path', 'type', 'result'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [registry],
    }),
    signIns: new Counter({
      name: 'gatehouse_console_sign_ins_total',
      help: 'Sign-in attempts',
      labelNames: ['result'],
      registers: [registry],
    }),
  };
}

// One registry per process, however many bundles load this module.
const holder = globalThis as typeof globalThis & { gatehouseMetrics?: Metrics };

export function getMetrics(): Metrics {
  return (holder.gatehouseMetrics ??= createMetrics());
}
