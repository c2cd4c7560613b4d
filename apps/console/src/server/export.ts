import { randomUUID } from 'node:crypto';

import { openContext } from '@gatehouse/services/auth/open-context';
import { toServiceError } from '@gatehouse/services/errors';
import { exportTenant } from '@gatehouse/services/tenant/export-tenant';

import { getEnv } from '../env.ts';
import { findCurrentUser } from './auth/session.ts';
import { isSameOrigin, withNoStore } from './http.ts';
import { getRuntime, getStoppingSignal } from './runtime.ts';

interface ExportContext {
  params: Promise<{ tenant: string }>;
}

/** Serves POST /t/:tenant/settings/export: everything that is kept of the workspace, line by line as it is read. By a form of this console alone: it leaves an act in the log. */
export async function handleExport(request: Request, { params }: ExportContext): Promise<Response> {
  if (!isSameOrigin(request.headers, getEnv().NEXTAUTH_URL)) return answerText(403, 'This is asked for from the settings page.');
  const { tenant: tenantSlug } = await params;
  const user = await findCurrentUser();
  if (!user) return answerText(401, 'Sign in, and ask again from the settings page.');
  const runtime = await getRuntime();
  try {
    const { userId, sessionId } = user;
    const ctx = await openContext({ runtime, input: { userId, sessionId, tenantSlug, requestId: randomUUID() } });
    const lines = await exportTenant({ ctx });
    const day = runtime.now().toISOString().slice(0, 10);
    return withNoStore(
      new Response(readAsAsked(lines, getStoppingSignal()), {
        headers: {
          'content-type': 'application/x-ndjson; charset=utf-8',
          'content-disposition': `attachment; filename="${tenantSlug}-${day}.ndjson"`,
        },
      }),
    );
  } catch (error) {
    const known = toServiceError(error);
    if (!known) throw error;
    return answerText(known.code === 'not_permitted' ? 403 : known.code === 'not_found' ? 404 : 503, known.message);
  }
}

/** Reads on as the browser takes what was read. An export that fails breaks off, which a browser shows as a download that failed. */
function readAsAsked(lines: AsyncIterable<string>, stopping: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = lines[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      stopping.throwIfAborted();
      const next: IteratorResult<string, unknown> = await iterator.next();
      if (next.done) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

function answerText(status: number, text: string): Response {
  return withNoStore(new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } }));
}
