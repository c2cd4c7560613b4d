import type { Prisma, ToolVerdict } from '@gatehouse/db/client';
import { ServerFeatures } from '@gatehouse/policy/documents/snapshot';
import { type Risk, ToolDefinition } from '@gatehouse/policy/documents/definition';
import { z } from 'zod';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { type PersonName, personNames } from '../person-names.ts';
import { approvalKey } from '../snapshot/approved-tools.ts';
import { definitionsOf } from '../snapshot/catalogue-tools.ts';
import { mayApproveDestructive, mayDecide, type Permitted } from './decider.ts';
import { declaredRisk } from './declared-risk.ts';
import { findReview, newestReviewIds } from './find-review.ts';
import { itemName, type ReviewItemView, itemViews, previousItems } from './item-views.ts';
import { changeOf, type PreviousDecision, previousDecisions } from './previous-decisions.ts';
import { scalarFields } from './schema-fields.ts';
import { suggest } from './suggest.ts';

export const GetReview = z.strictObject({ reviewId: z.uuid() });
export type GetReview = z.input<typeof GetReview>;

export interface ReviewToolView {
  name: string;
  pin: string;
  /** exactly what AI clients would read. Untrusted text */
  definition: ToolDefinition;
  change: 'new' | 'changed' | 'unchanged';
  /** what was last decided on, when it was another definition */
  previousDefinition: ToolDefinition | null;
  /** by the server's annotations */
  declaredRisk: Risk;
  /** the server does not say, which counts as destructive */
  assumed: boolean;
  suggestedRisk: Risk;
  /** JSON Pointers of the single-value fields that the schemas declare: what can be logged */
  argumentFields: string[];
  resultFields: string[];
  /** out of these */
  suggestedLogArguments: string[];
  suggestedLogResults: string[];
  decision: ToolDecisionView;
}

export interface ToolDecisionView {
  verdict: ToolVerdict;
  risk: Risk;
  logArguments: string[];
  logResults: string[];
  note: string | null;
  decidedBy: PersonName | null;
  decidedAt: Date | null;
}

export interface ReviewDetail {
  review: {
    id: string;
    state: 'open' | 'decided' | 'superseded' | 'expired';
    createdAt: Date;
    decidedAt: Date | null;
    validUntil: Date | null;
    revision: {
      id: string;
      number: number;
      protocolVersion: string;
      serverInfo: Prisma.JsonValue;
      instructions: string | null;
      features: ServerFeatures;
    };
  };
  server: { id: string; slug: string; name: string; purpose: string; transport: Prisma.JsonValue; createdBy: PersonName };
  requestedBy: PersonName;
  canDecide: Permitted;
  /** told before anyone tries; the refusal says the same */
  canApproveDestructive: Permitted;
  tools: ReviewToolView[];
  /** names that were decided on before and that the server no longer offers */
  removedTools: string[];
  /** prompts, resources and resource templates */
  items: ReviewItemView[];
  /** the same of these */
  removedItems: { kind: ReviewItemView['kind']; name: string }[];
}

/** One review with everything that is needed to decide it. Throws `not_found`. */
export async function getReview({ ctx, input }: { ctx: ServiceContext; input: GetReview }): Promise<ReviewDetail> {
  authorize(ctx, 'review.read');
  const { reviewId } = parseInput(GetReview, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const review = await findReview(tx, tenantId, reviewId);
    const { server, revision, decisions, itemDecisions } = review;
    const previous = await previousDecisions(tx, review);
    const definitions = await definitionsOf(tx, tenantId, [...previous.values()]);
    const newest = await newestReviewIds(tx, tenantId, [server.id]);
    const names = await personNames(tx, tenantId, [
      server.createdBy,
      review.requestedBy,
      ...[...decisions, ...itemDecisions].map(({ decidedBy }) => decidedBy),
    ]);
    const decisionOf = new Map(decisions.map((decision) => [decision.toolName, decision]));
    const offered = new Set(revision.tools.map(({ name }) => name));
    const previousItem = await previousItems(tx, review);
    const listed = new Set(revision.items.map(itemName));

    const tools = revision.tools.flatMap((tool): ReviewToolView[] => {
      const decision = decisionOf.get(tool.name);
      if (!decision) return [];
      const { verdict, risk, logArguments, logResults, note, decidedBy, decidedAt } = decision;
      const by = decidedBy === null ? null : names.of(decidedBy);
      const view = { verdict, risk, logArguments, logResults, note, decidedBy: by, decidedAt };
      return [{ ...toolView(tool, previous.get(tool.name), definitions, server.id), decision: view }];
    });
    const { id, slug, name, purpose, transport } = server;
    return {
      review: {
        id: review.id,
        state: review.state,
        createdAt: review.createdAt,
        decidedAt: review.decidedAt,
        validUntil: review.validUntil,
        revision: {
          id: revision.id,
          number: revision.number,
          protocolVersion: revision.protocolVersion,
          serverInfo: revision.serverInfo,
          instructions: revision.instructions,
          features: ServerFeatures.parse(revision.features),
        },
      },
      server: { id, slug, name, purpose, transport, createdBy: names.of(server.createdBy) },
      requestedBy: names.of(review.requestedBy),
      canDecide: mayDecide(ctx.actor, review, { newestDecided: newest.has(review.id) }),
      canApproveDestructive: mayApproveDestructive(ctx.actor, review, server),
      tools,
      removedTools: [...previous.keys()].filter((toolName) => !offered.has(toolName)).toSorted(),
      items: await itemViews(tx, review, previousItem, (person) => names.of(person)),
      removedItems: [...previousItem]
        .filter(([key]) => !listed.has(key))
        .map(([, { kind, name: gone }]) => ({ kind, name: gone })),
    };
  });
}

function toolView(
  tool: { name: string; pin: string; definition: unknown },
  previous: PreviousDecision | undefined,
  definitions: ReadonlyMap<string, unknown>,
  serverId: string,
): Omit<ReviewToolView, 'decision'> {
  const definition = ToolDefinition.parse(tool.definition);
  const change = changeOf(tool, previous);
  const before = change === 'changed' && previous ? definitions.get(approvalKey({ serverId, ...previous })) : undefined;
  const declared = declaredRisk(definition);
  const suggestion = suggest(definition);
  return {
    name: tool.name,
    pin: tool.pin,
    definition,
    change,
    previousDefinition: before === undefined ? null : ToolDefinition.parse(before),
    declaredRisk: declared.risk,
    assumed: declared.assumed,
    suggestedRisk: suggestion.risk,
    argumentFields: scalarFields(definition.inputSchema).map(({ pointer }) => pointer),
    resultFields: scalarFields(definition.outputSchema ?? {}).map(({ pointer }) => pointer),
    suggestedLogArguments: suggestion.logArguments,
    suggestedLogResults: suggestion.logResults,
  };
}
