import type { TenantTx } from '@gatehouse/db/tenant';
import type { CatalogueTool, PublishedTool } from '@gatehouse/policy/documents/profile';

import { approvalKey, type ApprovedTools } from './approved-tools.ts';

/** A catalogue tool whose definition is still as the database holds it: parse it before use. */
export type StoredCatalogueTool = Omit<CatalogueTool, 'definition'> & { definition: unknown };

/** Definitions by `approvalKey`, as stored. Equal pins have equal definitions, whichever revision they come from. */
export async function definitionsOf(
  tx: TenantTx,
  tenantId: string,
  tools: readonly { pin: string }[],
): Promise<ReadonlyMap<string, unknown>> {
  const rows = await tx.revisionTool.findMany({
    where: { tenantId, pin: { in: [...new Set(tools.map(({ pin }) => pin))] } },
    select: { name: true, pin: true, definition: true, revision: { select: { serverId: true } } },
  });
  return new Map(
    rows.map(({ name, pin, definition, revision }) => [
      approvalKey({ serverId: revision.serverId, toolName: name, pin }),
      definition,
    ]),
  );
}

/**
 * What is served of published tools: those whose exact definition is approved, by advertised name. Snapshots and the console's preview
 * both come from here, so what is previewed is what is served.
 */
export function catalogueTools(
  published: readonly PublishedTool[],
  approved: ApprovedTools,
  definitions: ReadonlyMap<string, unknown>,
): StoredCatalogueTool[] {
  const served = published.flatMap((tool): StoredCatalogueTool[] => {
    const key = approvalKey(tool);
    const approval = approved.get(key);
    const definition = definitions.get(key);
    if (!approval || definition === undefined) return [];
    const { risk, logArguments, logResults } = approval;
    return [{ ...tool, risk, logArguments: logArguments.toSorted(), logResults: logResults.toSorted(), definition }];
  });
  return served.toSorted((a, b) => (a.advertisedName < b.advertisedName ? -1 : 1));
}
