import { defineTool } from '@gatehouse/policy/testing/build';

import type { ReviewDetail, ReviewTool } from '../../src/features/review/summary.ts';

/** A tool of a review: read, unchanged, waiting. */
export function makeTool(name: string, change: Partial<ReviewTool> = {}): ReviewTool {
  return {
    kind: 'tool',
    name,
    pin: 'a'.repeat(64),
    definition: defineTool(name),
    change: 'unchanged',
    previousDefinition: null,
    wasRejected: false,
    elsewhere: [],
    former: null,
    reworded: [],
    hiddenText: [],
    privatePassages: [],
    phrases: [],
    lookAlikes: [],
    foreignNames: [],
    findings: [],
    notShown: [],
    schemaNotes: [],
    opinions: { declared: 'read', named: 'read', decided: null },
    assumed: false,
    weighedRisk: 'read',
    argumentFields: ['/id', '/note'],
    resultFields: [],
    suggestedLogArguments: ['/id'],
    suggestedLogResults: [],
    decision: {
      verdict: 'pending',
      risk: 'read',
      logArguments: [],
      logResults: [],
      note: null,
      decidedBy: null,
      decidedAt: null,
      ignored: [],
    },
    ...change,
  };
}

/** An open review that the one who reads it may decide alone. */
export function makeReview(tools: ReviewTool[], removedTools: string[] = []): ReviewDetail {
  const person = { id: 'p', name: 'Ada', email: null };
  return {
    review: {
      id: 'r',
      state: 'open',
      createdAt: new Date(0),
      decidedAt: null,
      decidedBy: null,
      validUntil: null,
      confirmedBy: null,
      revision: {
        id: 'v',
        number: 3,
        protocolVersion: '2026-07-28',
        serverInfo: {},
        features: { logging: false, completions: false, resourceSubscriptions: false },
      },
    },
    server: { id: 's', slug: 'orders', name: 'Orders', purpose: 'p', transport: {}, createdBy: person },
    requestedBy: person,
    canDecide: { ok: true, reason: null },
    waiting: null,
    consent: null,
    canApprove: { ok: true, reason: null },
    canBreakGlass: { ok: false, reason: 'Only an owner decides by break-glass.' },
    glassOver: null,
    secondPerson: 'Ben can.',
    entries: tools,
    heldBack: [],
    moves: [],
    openReviewIds: ['r'],
    canComment: true,
    timeline: [],
    takeBack: null,
    removed: removedTools.map((name) => ({ kind: 'tool', name })),
  };
}
