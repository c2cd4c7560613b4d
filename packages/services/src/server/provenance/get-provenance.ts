import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';
import { ServerTransport } from '@gatehouse/policy/documents/snapshot';

import { AddressId } from '../../address.ts';
import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { createNotFoundError, parseInput } from '../../errors.ts';
import { getPersonNames, type PersonName } from '../../person-names.ts';
import { maySeeReview } from '../../review/consent/asked.ts';
import { loadReviewFacts } from '../../review/require-review.ts';
import { requireServer, ServerRef } from '../require-server.ts';
import { listEdits, type ServerEdit } from './list-edits.ts';
import { listRevisionOrigins, type RevisionOrigin } from './list-revision-origins.ts';

/** Of a review up to its own revision, or of a server up to the newest. */
export const GetProvenance = z.union([z.strictObject({ reviewId: AddressId }), ServerRef]);
export type GetProvenance = z.input<typeof GetProvenance>;

/** What is known of where a server comes from. Who says it stands with each part: a person entered it, the server declares it, an agent reported it. */
export interface Provenance {
  /** entered by a person */
  entered: {
    transport: ServerTransport;
    by: PersonName;
    at: Date;
    /** of its address, credential and sites, its name and its purpose: the newest five, newest first */
    edits: ServerEdit[];
  };
  /** newest first, at most five; what each says of itself is declared by the server, or stands in the description that was imported */
  revisions: RevisionOrigin[];
}

/** Where a server and its last revisions come from; for whoever reads servers, and the owner who is asked about a review. Throws `not_found`. */
export async function getProvenance({ ctx, input }: { ctx: ServiceContext; input: GetProvenance }): Promise<Provenance> {
  authorize(ctx, 'profile.use');
  const about = parseInput(GetProvenance, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const { serverId, upTo } =
      'reviewId' in about ? await findReviewed(tx, ctx, about.reviewId) : await findServer(tx, ctx, about);
    const server = await requireServer(tx, tenantId, { serverId });
    const names = await getPersonNames(tx, tenantId, [server.createdBy]);
    return {
      entered: {
        transport: ServerTransport.parse(server.transport),
        by: names.get(server.createdBy),
        at: server.createdAt,
        edits: await listEdits(tx, { tenantId, serverId }),
      },
      revisions: await listRevisionOrigins(tx, server, upTo),
    };
  });
}

interface About {
  serverId: string;
  /** number of the newest revision that is told of; null: of them all */
  upTo: number | null;
}

async function findServer(tx: TenantTx, ctx: ServiceContext, ref: ServerRef): Promise<About> {
  authorize(ctx, 'server.read');
  return { serverId: (await requireServer(tx, ctx.tenantId, ref)).id, upTo: null };
}

async function findReviewed(tx: TenantTx, { tenantId, actor }: ServiceContext, reviewId: string): Promise<About> {
  const review = await tx.review.findUnique({
    where: { tenantId_id: { tenantId, id: reviewId } },
    include: { revision: { select: { number: true } } },
  });
  if (!review || !maySeeReview(actor, await loadReviewFacts(tx, review))) throw createNotFoundError('review');
  return { serverId: review.serverId, upTo: review.revision.number };
}
