import { z } from 'zod';

import { mutate, read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { AdminAuditFilters, type AdminAuditView, findEntries, ListAdminAudit } from './list-admin-audit.ts';

export const ExportAdminAudit = z.strictObject({
  ...AdminAuditFilters.shape,
  search: z.string().trim().max(200).optional(),
  format: z.enum(['ndjson', 'csv']),
});
export type ExportAdminAudit = z.input<typeof ExportAdminAudit>;

const PAGE = 200;
const COLUMNS = [
  'time_utc',
  'who',
  'who_kind',
  'who_id',
  'action',
  'object_type',
  'object',
  'object_id',
  'before',
  'after',
] as const;

/**
 * The log as a file, narrowed as asked, details of all entries searched, newest entry first: lines of JSON, or a table for a spreadsheet. Read page by page as it is taken. The log says that it
 * was begun, by whom and narrowed to what; also while the workspace is stopped.
 */
export async function exportAdminAudit({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: ExportAdminAudit;
}): Promise<AsyncIterable<string>> {
  authorize(ctx, 'admin_audit.read');
  const asked = parseInput(ExportAdminAudit, input);
  const { from, to, ...plain } = asked;
  const after = { ...plain, ...(from && { from: from.toISOString() }), ...(to && { to: to.toISOString() }) };
  const { tenantId } = ctx;
  const act = { action: 'admin_audit.export', entityType: 'tenant', entityId: tenantId, after };
  await mutate(ctx, (m) => m.audit(act), { whileStopped: true });
  return readLines(ctx, asked);
}

async function* readLines(
  ctx: ServiceContext,
  { format, ...filters }: z.output<typeof ExportAdminAudit>,
): AsyncGenerator<string> {
  authorize(ctx, 'admin_audit.read');
  if (format === 'csv') yield toCsvLine(COLUMNS);
  let cursor: string | null | undefined;
  do {
    const asked = parseInput(ListAdminAudit, { ...filters, limit: PAGE, ...(cursor && { cursor }) });
    const page = await read(ctx, (tx) => findEntries(tx, ctx.tenantId, asked, { everything: true }));
    for (const row of page.rows) yield format === 'csv' ? toCsvLine(listCells(row)) : toJsonLine(row);
    cursor = page.nextCursor;
  } while (cursor !== null);
}

function toJsonLine({ named: _named, object, ...row }: AdminAuditView): string {
  return `${JSON.stringify({ ...row, objectName: object?.name ?? null })}\n`;
}

function listCells({ at, actorName, actorKind, actorId, action, entityType, entityId, object, before, after }: AdminAuditView) {
  const [was, is] = [before, after].map((details) => (details === null ? '' : JSON.stringify(details)));
  return [at.toISOString(), actorName, actorKind, actorId, action, entityType, object?.name ?? '', entityId, was ?? '', is ?? ''];
}

/** What a spreadsheet would take for a formula, whoever wrote it: names and words come from people and servers. */
const FORMULA = /^[\t\r\n ]*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20]/;

/** RFC 4180; a cell that begins as a formula does gets an apostrophe before it, which a spreadsheet takes for "text". */
export function toCsvLine(cells: readonly string[]): string {
  const quoted = cells.map((cell) => `"${(FORMULA.test(cell) ? `'${cell}` : cell).replaceAll('"', '""')}"`);
  return `${quoted.join(',')}\r\n`;
}
