import type { TenantTx } from '@gatehouse/db/tenant';
import { FieldPointer } from '@gatehouse/policy/documents/profile';
import { Risk, ToolDefinition } from '@gatehouse/policy/documents/definition';
import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { actorId, type ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { personNames } from '../person-names.ts';
import { lockServer } from '../server/find-server.ts';
import { sitesOfServer } from '../server/sites.ts';
import { writeSnapshots } from '../snapshot/write-snapshot.ts';
import { countsAsDestructive, mayApproveDestructive, mayDecide } from './decider.ts';
import { checkItemChoices, ItemChoice, storeItemDecisions } from './decide-items.ts';
import { declaredRisk } from './declared-risk.ts';
import { findReview, type LoadedReview, newestReviewIds } from './find-review.ts';
import { hasScalarField } from './schema-fields.ts';

const ToolChoice = z.strictObject({
  toolName: z.string().min(1).max(128),
  verdict: z.enum(['approved', 'rejected']),
  risk: Risk,
  /** JSON Pointers of single-value fields whose values are logged */
  logArguments: z.array(FieldPointer).max(64).default([]),
  logResults: z.array(FieldPointer).max(64).default([]),
  note: z.string().trim().max(1_000).optional(),
});
type ToolChoice = z.output<typeof ToolChoice>;

export const DecideReview = z.strictObject({
  reviewId: z.uuid(),
  /** approvals lapse after this many days */
  validDays: z.int().min(1).max(365).default(90),
  /** every tool of the revision, once */
  decisions: z.array(ToolChoice).max(5_000),
  /** every prompt, resource and resource template of the revision, once */
  items: z.array(ItemChoice).max(2_200).default([]),
  /** the review is decided already, and this takes the place of that decision */
  again: z.boolean().default(false),
});
export type DecideReview = z.input<typeof DecideReview>;

const DAY_MS = 24 * 3_600_000;

export interface DecidedReview {
  id: string;
  /** tools, prompts and resources */
  approved: number;
  rejected: number;
  validUntil: Date;
  /** sites that got a new configuration */
  sites: { siteId: string; snapshotVersion: number }[];
}

/**
 * Decides all tools, prompts and resources of a review at once and writes the snapshots of the server's sites. Throws `not_permitted` when the author would
 * approve a destructive tool, `conflict` when someone was faster, `invalid` for a field to log that no schema declares.
 */
export async function decideReview({ ctx, input }: { ctx: ServiceContext; input: DecideReview }): Promise<DecidedReview> {
  authorize(ctx, 'review.decide');
  const { reviewId, validDays, decisions, items, again } = parseInput(DecideReview, input);
  const { tenantId } = ctx;

  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const { serverId } = await findReview(tx, tenantId, reviewId);
    await lockServer(tx, tenantId, serverId);
    const review = await findReview(tx, tenantId, reviewId);
    await checkState(tx, ctx, review, again);
    checkChoices(review, decisions);
    checkItemChoices(review, items);
    checkAuthor(ctx, review, decisions);

    const now = ctx.runtime.now();
    const validUntil = new Date(now.getTime() + validDays * DAY_MS);
    const made = { decidedBy: actorId(ctx.actor), decidedAt: now };
    await storeDecision(tx, review, decisions, { ...made, validUntil });
    await storeItemDecisions(tx, review, items, made);
    await audit({
      action: 'review.decide',
      entityType: 'review',
      entityId: reviewId,
      before: { state: review.state },
      after: {
        serverId,
        revision: review.revision.number,
        validUntil: validUntil.toISOString(),
        tools: decisions.map(({ note: _note, ...choice }) => choice),
        items: items.map(({ note: _note, ...choice }) => choice),
      },
    });
    const sites = await writeSnapshots(mutation, ctx, await sitesOfServer(tx, tenantId, serverId), 'review.decide');
    signal('review', reviewId);
    signal('server', serverId);
    const all = [...decisions, ...items];
    const approved = all.filter(({ verdict }) => verdict === 'approved').length;
    return { id: reviewId, approved, rejected: all.length - approved, validUntil, sites };
  });
}

async function storeDecision(
  tx: TenantTx,
  { tenantId, id: reviewId, serverId, revision }: LoadedReview,
  decisions: readonly ToolChoice[],
  { validUntil, ...decision }: { decidedBy: string; decidedAt: Date; validUntil: Date },
): Promise<void> {
  const choices = new Map(decisions.map((choice) => [choice.toolName, choice]));
  await tx.toolDecision.deleteMany({ where: { tenantId, reviewId } });
  await tx.toolDecision.createMany({
    data: revision.tools.flatMap(({ name, pin }) => {
      const choice = choices.get(name);
      return choice ? [{ tenantId, reviewId, serverId, pin, ...choice, ...decision }] : [];
    }),
  });
  await tx.review.update({
    where: { tenantId_id: { tenantId, id: reviewId } },
    data: { state: 'decided', decidedAt: decision.decidedAt, validUntil },
  });
}

/** The first decision wins; another one has to say that it means to take its place. */
async function checkState(tx: TenantTx, ctx: ServiceContext, review: LoadedReview, again: boolean): Promise<void> {
  const newest = await newestReviewIds(tx, ctx.tenantId, [review.serverId]);
  const permitted = mayDecide(ctx.actor, review, { newestDecided: newest.has(review.id) });
  if (!permitted.ok) throw new ServiceError('conflict', permitted.reason);
  if (review.state !== 'decided' || again) return;
  const by = review.decisions[0]?.decidedBy ?? null;
  const names = await personNames(tx, ctx.tenantId, [by]);
  throw new ServiceError('conflict', `${by ? names.of(by).name : 'Someone'} has decided this review already. Reload to see how.`);
}

/** Every tool once, no others, and only fields that a schema declares. */
function checkChoices(review: LoadedReview, decisions: readonly ToolChoice[]): void {
  const definitions = new Map(review.revision.tools.map(({ name, definition }) => [name, ToolDefinition.parse(definition)]));
  const decided = new Set(decisions.map(({ toolName }) => toolName));
  const missing = [...definitions.keys()].filter((name) => !decided.has(name));
  if (missing.length > 0) throw invalid(`Decide every tool. Still open: ${missing.slice(0, 5).join(', ')}.`);
  if (decided.size !== decisions.length) throw invalid('A tool is decided twice. Reload the page.');

  for (const { toolName, logArguments, logResults } of decisions) {
    const definition = definitions.get(toolName);
    if (!definition) throw invalid(`This revision has no tool "${toolName}". Reload the page.`);
    const { inputSchema, outputSchema } = definition;
    const unknown =
      logArguments.find((pointer) => !hasScalarField(inputSchema, pointer)) ??
      logResults.find((pointer) => !outputSchema || !hasScalarField(outputSchema, pointer));
    if (unknown) throw invalid(`${toolName} declares no single value at ${unknown}. Choose a field from the list.`);
  }
}

function checkAuthor(ctx: ServiceContext, review: LoadedReview, decisions: readonly ToolChoice[]): void {
  const permitted = mayApproveDestructive(ctx.actor, review, review.server);
  if (permitted.ok) return;
  const declared = new Map(
    review.revision.tools.map((tool) => [tool.name, declaredRisk(ToolDefinition.parse(tool.definition)).risk]),
  );
  const tools = decisions
    .filter(
      ({ verdict, toolName, risk }) =>
        verdict === 'approved' && countsAsDestructive(declared.get(toolName) ?? 'destructive', risk),
    )
    .map(({ toolName }) => toolName);
  if (tools.length > 0) throw new DestructiveApprovalError(permitted.reason, tools);
}

/** Who may not approve destructive tools approves some. */
export class DestructiveApprovalError extends ServiceError {
  readonly tools: readonly string[];

  constructor(message: string, tools: readonly string[]) {
    super('not_permitted', message);
    this.tools = tools;
  }
}

function invalid(message: string): ServiceError {
  return new ServiceError('invalid', message);
}
