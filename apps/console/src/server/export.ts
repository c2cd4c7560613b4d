import { randomUUID } from 'node:crypto';

import { ExportAdminAudit, exportAdminAudit } from '@gatehouse/services/admin-audit/export-admin-audit';
import { openContext } from '@gatehouse/services/auth/open-context';
import type { ServiceContext } from '@gatehouse/services/context';
import { ServiceError, toServiceError } from '@gatehouse/services/errors';
import { exportTenant } from '@gatehouse/services/tenant/export-tenant';

import { getEnv } from '../env.ts';
import { findCurrentUser } from './auth/session.ts';
import { isSameOrigin, withNoStore } from './http.ts';
import { getRuntime, getStoppingSignal } from './runtime.ts';

interface ExportContext {
  params: Promise<{ tenant: string }>;
}

/** Serves POST /t/:tenant/settings/export: everything that is kept of the workspace, line by line as it is read. */
export function handleExport(request: Request, context: ExportContext): Promise<Response> {
  return answerExport(request, context, async (ctx) => ({
    lines: await exportTenant({ ctx }),
    name: 'workspace',
    format: 'ndjson',
  }));
}

/** Serves POST /t/:tenant/audit/admin/export: the admin log, narrowed to what the fields of the form say. */
export function handleAdminAuditExport(request: Request, context: ExportContext): Promise<Response> {
  return answerExport(request, context, async (ctx) => {
    const fields = Object.fromEntries(await request.formData());
    const input = ExportAdminAudit.safeParse(fields);
    if (!input.success)
      throw new ServiceError('invalid', 'The form is not one of this console. Open the admin log and ask again.');
    const lines = await exportAdminAudit({ ctx, input: input.data });
    return { lines, name: 'admin-log', format: input.data.format };
  });
}

interface Exported {
  lines: AsyncIterable<string>;
  /** part of the file's name */
  name: string;
  format: keyof typeof TYPES;
}

const TYPES = { ndjson: 'application/x-ndjson; charset=utf-8', csv: 'text/csv; charset=utf-8' } as const;
const STATUS: Readonly<Record<string, number>> = { not_permitted: 403, not_found: 404, invalid: 400 };

/** By a form of this console alone: it leaves an act in the log. */
async function answerExport(
  request: Request,
  { params }: ExportContext,
  begin: (ctx: ServiceContext) => Promise<Exported>,
): Promise<Response> {
  if (!isSameOrigin(request.headers, getEnv().NEXTAUTH_URL))
    return answerText(403, 'This is asked for from a page of the console.');
  const { tenant: tenantSlug } = await params;
  const user = await findCurrentUser();
  if (!user) return answerText(401, 'Sign in, and ask again from the page.');
  const runtime = await getRuntime();
  try {
    const { userId, sessionId } = user;
    const ctx = await openContext({ runtime, input: { userId, sessionId, tenantSlug, requestId: randomUUID() } });
    const { lines, name, format } = await begin(ctx);
    const day = runtime.now().toISOString().slice(0, 10);
    const file = [tenantSlug, ...(name === 'workspace' ? [] : [name]), day].join('-');
    return withNoStore(
      new Response(readAsAsked(lines, getStoppingSignal()), {
        headers: { 'content-type': TYPES[format], 'content-disposition': `attachment; filename="${file}.${format}"` },
      }),
    );
  } catch (error) {
    const known = toServiceError(error);
    if (!known) throw error;
    return answerText(STATUS[known.code] ?? 503, known.message);
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
