import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import { runInTenant } from '@gatehouse/db/tenant';
import { Slug } from '@gatehouse/policy/documents/definition';

import { WITHOUT_HASH } from '../admin-audit/details.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { EXPORTED_TABLES, type ExportedTable } from './exported-tables.ts';
import { openOperatorContext } from './operator-context.ts';

const PAGE = 500;

export const ExportAsOperator = z.strictObject({ tenantSlug: Slug });
export type ExportAsOperator = z.input<typeof ExportAsOperator>;

/**
 * All that is kept of the workspace, as lines of JSON: first one about the export, then one for each row, `{"table","row"}`, receipts last. No secrets, and no
 * hashes by which one is found. Read page by page, so what changes meanwhile may be in it or not. Owners alone, also while the workspace is stopped; the log
 * says that it was begun.
 */
export async function exportTenant({ ctx }: { ctx: ServiceContext }): Promise<AsyncIterable<string>> {
  authorize(ctx, 'tenant.export');
  return beginExport(ctx, 'tenant.export');
}

/** Operator's verb: the same, for a workspace by its slug. Throws `not_found`. */
export async function exportTenantAsOperator({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: ExportAsOperator;
}): Promise<AsyncIterable<string>> {
  const { tenantSlug } = parseInput(ExportAsOperator, input);
  return beginExport(await openOperatorContext(runtime, tenantSlug), 'tenant.hand_over');
}

type ExportPermission = 'tenant.export' | 'tenant.hand_over';

async function beginExport(ctx: ServiceContext, permission: ExportPermission): Promise<AsyncIterable<string>> {
  authorize(ctx, permission);
  const { tenantId } = ctx;
  const act = { action: 'tenant.export', entityType: 'tenant', entityId: tenantId };
  await mutate(ctx, (m) => m.audit(act), { whileStopped: true });
  return readLines(ctx, permission);
}

async function* readLines(ctx: ServiceContext, permission: ExportPermission): AsyncGenerator<string> {
  authorize(ctx, permission);
  const { tenantId, tenantSlug, runtime } = ctx;
  const workspace = await runInTenant(runtime.db, tenantId, (tx) => tx.tenant.findUniqueOrThrow({ where: { id: tenantId } }));
  const { name, createdAt } = workspace;
  const about = { format: 1, tenantId, slug: tenantSlug, name, createdAt, exportedAt: runtime.now() };
  yield `${JSON.stringify({ export: about })}\n`;
  for (const table of EXPORTED_TABLES) {
    for (let after: string[] | null = null; ;) {
      const page = await readPage(ctx, permission, { table, after });
      // as the database wrote it: numbers keep their digits
      for (const { row } of page) yield `{"table":"${table.name}","row":${row}}\n`;
      after = page.at(-1)?.place ?? null;
      if (page.length < PAGE) break;
    }
  }
}

interface ExportedRow {
  /** as JSON */
  row: string;
  /** where it stands in its table: the values of the key, as text */
  place: string[];
}

async function readPage(
  ctx: ServiceContext,
  permission: ExportPermission,
  { table: { name, key, without = [] }, after }: { table: ExportedTable; after: readonly string[] | null },
): Promise<ExportedRow[]> {
  authorize(ctx, permission);
  const { tenantId, runtime } = ctx;
  const columns = Object.keys(key).map((column) => Prisma.raw(`t."${column}"`));
  const places = Object.values(key).map((type, index) => Prisma.sql`${after?.[index] ?? ''}::text::${Prisma.raw(type)}`);
  const following = after === null ? Prisma.empty : Prisma.sql`and (${Prisma.join(columns)}) > (${Prisma.join(places)})`;
  return runInTenant(
    runtime.db,
    tenantId,
    (tx) => tx.$queryRaw<ExportedRow[]>`
      select ((to_jsonb(t) - ${[...without]}::text[]) ${ADDED[name] ?? Prisma.empty})::text as row,
        array[${Prisma.join(columns.map((column) => Prisma.sql`${column}::text`))}] as place
      from ${Prisma.raw(`"${name}"`)} t where t.tenant_id = ${tenantId}::uuid ${following}
      order by ${Prisma.join(columns)} limit ${PAGE}`,
  );
}

/** What is done to the rows of a table before they leave. */
const ADDED: Readonly<Record<string, Prisma.Sql>> = {
  // with whom the account of a membership is named; who has left has the name that was kept
  membership: Prisma.sql`|| jsonb_build_object('name', coalesce(t.display_name, (select u.name from "user" u where u.id = t.user_id)))`,
  admin_audit: WITHOUT_HASH,
};
