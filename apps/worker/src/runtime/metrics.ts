import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

export interface WorkerMetrics {
  registry: Registry;
  recordFinished(job: string, result: 'completed' | 'failed', seconds: number): void;
}

/** The worker's metrics, in a registry of their own. */
export function createWorkerMetrics(): WorkerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const jobs = new Counter({
    name: 'gatehouse_jobs_total',
    help: 'Runs of background jobs.',
    labelNames: ['job', 'result'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'gatehouse_job_seconds',
    help: 'How long runs of background jobs took.',
    labelNames: ['job'],
    buckets: [0.01, 0.1, 1, 10, 60, 300],
    registers: [registry],
  });
  return {
    registry,
    recordFinished(job, result, seconds) {
      jobs.inc({ job, result });
      duration.observe({ job }, seconds);
    },
  };
}
