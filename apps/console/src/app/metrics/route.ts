import { metrics } from '../../server/ops/metrics.ts';

/** Prometheus text. */
export async function GET(): Promise<Response> {
  const { registry } = metrics();
  return new Response(await registry.metrics(), {
    headers: { 'content-type': registry.contentType, 'cache-control': 'no-store' },
  });
}

export const dynamic = 'force-dynamic';
