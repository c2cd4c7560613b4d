import { consoleRuntime } from '../../server/runtime.ts';

/** The console can do its work: its dependencies answer. */
export async function GET(): Promise<Response> {
  const headers = { 'cache-control': 'no-store' };
  try {
    const runtime = await consoleRuntime();
    try {
      await runtime.ping();
    } catch (error) {
      runtime.log.warn({ err: error }, 'not ready');
      return Response.json({ status: 'not ready' }, { status: 503, headers });
    }
    return Response.json({ status: 'ready' }, { headers });
  } catch {
    // consoleRuntime has logged why it could not open
    return Response.json({ status: 'not ready' }, { status: 503, headers });
  }
}

export const dynamic = 'force-dynamic';
