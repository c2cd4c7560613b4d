import { z } from 'zod';

import { PartHash } from '@gatehouse/policy/documents/manifest';
import { MAX_REQUESTED_PARTS, PART_CHUNK_BYTES } from '@gatehouse/protocol/parts';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { requireAgent, type ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';

export const ReadParts = z.object({
  /** of the manifest that names them */
  version: z.int().positive(),
  hashes: z.array(PartHash).min(1).max(MAX_REQUESTED_PARTS),
});
export type ReadParts = z.input<typeof ReadParts>;

export interface StoredPart {
  hash: string;
  bytes: Uint8Array;
}

/**
 * Parts that a manifest of the agent's own site reaches, in the order in which they are asked for: as many of the first as fit into one piece of
 * a message, at least one. One that it does not reach is refused with the reason `foreign_id`, whether it exists or not.
 */
export async function readParts({ ctx, input }: { ctx: ServiceContext; input: ReadParts }): Promise<StoredPart[]> {
  authorize(ctx, 'config.read');
  const { version, hashes } = parseInput(ReadParts, input);
  const { siteId } = requireAgent(ctx);
  const { tenantId } = ctx;
  const rows = await read(
    ctx,
    (tx) => tx.$queryRaw<{ reached: bigint; hash: string; bytes: Uint8Array }[]>`
      with roots as (
        select root.value as hash
        from manifest, jsonb_each_text(convert_from(payload, 'UTF8')::jsonb -> 'roots') root
        where tenant_id = ${tenantId}::uuid and site_id = ${siteId}::uuid and version = ${version}
      ), reachable as (
        select hash from roots
        union
        select entry ->> 1
        from config_part join roots using (hash), jsonb_array_elements(convert_from(bytes, 'UTF8')::jsonb -> 'entries') entry
        where tenant_id = ${tenantId}::uuid
      ), wanted as (
        select hash, place, length(bytes) as size, sum(length(bytes)) over (order by place) as total, count(*) over () as reached
        from unnest(${hashes}::text[]) with ordinality asked (hash, place)
        join reachable using (hash)
        join config_part using (hash)
        where tenant_id = ${tenantId}::uuid
      )
      select wanted.hash, bytes, reached
      from wanted join config_part part on part.tenant_id = ${tenantId}::uuid and part.hash = wanted.hash
      where place = 1 or total <= ${PART_CHUNK_BYTES}
      order by place`,
  );
  if (Number(rows[0]?.reached ?? 0) === hashes.length) return rows.map(({ hash, bytes }) => ({ hash, bytes }));
  throw new ServiceError('invalid', 'The manifest of this agent’s site does not name these parts.', { reason: 'foreign_id' });
}
