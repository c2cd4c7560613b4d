import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';
import { EntryKind, toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { Risk, ToolDefinition } from '@gatehouse/policy/documents/definition';
import { FieldPointer } from '@gatehouse/policy/documents/profile';
import { getDeclaredRisk, isDestructive } from '@gatehouse/policy/documents/risk';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { type Actor, getActorId, type ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { getPersonNames } from '../person-names.ts';
import { lockServer } from '../server/require-server.ts';
import { listServerSiteIds } from '../server/sites.ts';
import { writeConfigurations } from '../snapshot/write-configuration.ts';
import { mayApproveDestructive, mayDecide } from './decider.ts';
import { requireReview, type LoadedReview, listNewestReviewIds } from './require-review.ts';
import { hasScalarField } from './schema-fields.ts';

const AnyChoice = {
  name: z.string().min(1).max(2_048),
  verdict: z.enum(['approved', 'rejected']),
  note: z.string().trim().max(1_000).optional(),
};
const ToolChoice = z.strictObject({
  kind: z.literal('tool'),
  ...AnyChoice,
  risk: Risk,
  /** JSON Pointers of single-value fields whose values are logged */
  logArguments: z.array(FieldPointer).max(64).default([]),
  logResults: z.array(FieldPointer).max(64).default([]),
});
/** The decision on one entry of a review. */
const EntryChoice = z.discriminatedUnion('kind', [
  ToolChoice,
  z.strictObject({ kind: EntryKind.exclude(['tool']), ...AnyChoice }),
]);
type ToolChoice = z.output<typeof ToolChoice>;
type EntryChoice = z.output<typeof EntryChoice>;

export const DecideReview = z.strictObject({
  reviewId: z.uuid(),
  /** approvals lapse after this many days */
  validDays: z.int().min(1).max(365).default(90),
  /** every entry of the revision, once */
  decisions: z.array(EntryChoice).max(8_000),
  /** the review is decided already, and this takes the place of that decision */
  again: z.boolean().default(false),
});
export type DecideReview = z.input<typeof DecideReview>;

const DAY_MS = 24 * 3_600_000;

export interface DecidedReview {
  id: string;
  approved: number;
  rejected: number;
  validUntil: Date;
  /** sites that got a new configuration */
  sites: { siteId: string; snapshotVersion: number }[];
}

/**
 * Decides all entries of a review at once and writes the snapshots of the server's sites. Throws `not_permitted` when the author would
 * approve a destructive tool, `conflict` when someone was faster, `invalid` for a field to log that no schema declares.
 */
export async function decideReview({ ctx, input }: { ctx: ServiceContext; input: DecideReview }): Promise<DecidedReview> {
  authorize(ctx, 'review.decide');
  const { reviewId, validDays, decisions, again } = parseInput(DecideReview, input);
  const { tenantId } = ctx;

  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const { serverId } = await requireReview(tx, tenantId, reviewId);
    await lockServer(tx, tenantId, serverId);
    const review = await requireReview(tx, tenantId, reviewId);
    await checkState(tx, ctx, review, again);
    checkChoices(review, decisions);
    checkTools(
      ctx.actor,
      review,
      decisions.filter((choice) => choice.kind === 'tool'),
    );

    const now = ctx.runtime.now();
    const validUntil = new Date(now.getTime() + validDays * DAY_MS);
    const auditId = createActId();
    await audit({
      id: auditId,
      action: 'review.decide',
      entityType: 'review',
      entityId: reviewId,
      before: { state: review.state },
      after: {
        serverId,
        revision: review.revision.number,
        validUntil: validUntil.toISOString(),
        decisions: decisions.map(({ note: _note, ...choice }) => choice),
      },
    });
    await storeDecisions(tx, review, decisions, { decidedBy: getActorId(ctx.actor), decidedAt: now, validUntil, auditId });
    const siteIds = await listServerSiteIds(tx, tenantId, serverId);
    const sites = await writeConfigurations(mutation, ctx, siteIds, 'review.decide', { catalogue: true });
    signal('review', reviewId);
    signal('server', serverId);
    const approved = decisions.filter(({ verdict }) => verdict === 'approved').length;
    return { id: reviewId, approved, rejected: decisions.length - approved, validUntil, sites };
  });
}

async function storeDecisions(
  tx: TenantTx,
  { tenantId, id: reviewId, serverId, revision }: LoadedReview,
  decisions: readonly EntryChoice[],
  { validUntil, ...decision }: { decidedBy: string; decidedAt: Date; validUntil: Date; auditId: string },
): Promise<void> {
  const pins = new Map(revision.entries.map((entry) => [toEntryKey(entry), entry.pin]));
  await tx.entryDecision.deleteMany({ where: { tenantId, reviewId } });
  await tx.entryDecision.createMany({
    data: decisions.flatMap((choice) => {
      const pin = pins.get(toEntryKey(choice));
      return pin === undefined ? [] : [{ tenantId, reviewId, serverId, pin, ...choice, ...decision }];
    }),
  });
  await tx.review.update({
    where: { tenantId_id: { tenantId, id: reviewId } },
    data: { state: 'decided', decidedAt: decision.decidedAt, auditId: decision.auditId, validUntil },
  });
}

/** The first decision wins; another one has to say that it means to take its place. */
async function checkState(tx: TenantTx, ctx: ServiceContext, review: LoadedReview, again: boolean): Promise<void> {
  const newest = await listNewestReviewIds(tx, ctx.tenantId, [review.serverId]);
  const permitted = mayDecide(ctx.actor, review, { newestDecided: newest.has(review.id) });
  if (!permitted.ok) throw new ServiceError('conflict', permitted.reason);
  if (review.state !== 'decided' || again) return;
  const by = review.decisions[0]?.decidedBy ?? null;
  const names = await getPersonNames(tx, ctx.tenantId, [by]);
  throw new ServiceError(
    'conflict',
    `${by ? names.get(by).name : 'Someone'} has decided this review already. Reload to see how.`,
  );
}

/** Every entry once, and no others. */
function checkChoices({ revision }: LoadedReview, decisions: readonly EntryChoice[]): void {
  const decided = new Set(decisions.map(toEntryKey));
  const missing = revision.entries.filter((entry) => !decided.has(toEntryKey(entry)));
  if (missing.length > 0) {
    const names = missing.slice(0, 5).map(({ name }) => name);
    throw createUndecidableError(`Decide every entry. Still open: ${names.join(', ')}.`);
  }
  if (decided.size !== decisions.length) throw createUndecidableError('An entry is decided twice. Reload the page.');
  const offered = new Set(revision.entries.map(toEntryKey));
  const unknown = decisions.find((choice) => !offered.has(toEntryKey(choice)));
  if (unknown) throw createUndecidableError(`This revision has no ${unknown.kind} "${unknown.name}". Reload the page.`);
}

/** Only fields that a schema declares are logged, and no author approves the own destructive tools. */
function checkTools(actor: Actor, review: LoadedReview, decisions: readonly ToolChoice[]): void {
  const definitions = new Map(
    review.revision.entries.flatMap(({ kind, name, definition }): [string, ToolDefinition][] =>
      kind === 'tool' ? [[name, ToolDefinition.parse(definition)]] : [],
    ),
  );
  const tools = decisions.flatMap((choice) => {
    const definition = definitions.get(choice.name);
    return definition ? [{ ...choice, definition }] : [];
  });
  for (const { name, definition, logArguments, logResults } of tools) {
    const { inputSchema, outputSchema } = definition;
    const unknown =
      logArguments.find((pointer) => !hasScalarField(inputSchema, pointer)) ??
      logResults.find((pointer) => !outputSchema || !hasScalarField(outputSchema, pointer));
    if (unknown) throw createUndecidableError(`${name} declares no single value at ${unknown}. Choose a field from the list.`);
  }
  const permitted = mayApproveDestructive(actor, review, review.server);
  if (permitted.ok) return;
  const refused = tools
    .filter(({ verdict, risk, definition }) => verdict === 'approved' && isDestructive(getDeclaredRisk(definition).risk, risk))
    .map(({ name }) => name);
  if (refused.length > 0) throw new DestructiveApprovalError(permitted.reason, refused);
}

/** Who may not approve destructive tools approves some. */
export class DestructiveApprovalError extends ServiceError {
  readonly tools: readonly string[];

  constructor(message: string, tools: readonly string[]) {
    super('not_permitted', message);
    this.tools = tools;
  }
}

function createUndecidableError(message: string): ServiceError {
  return new ServiceError('invalid', message);
}
