import { expect, test } from 'vitest';

import { type ServerFacts, getServerState } from '../../src/server/state.ts';

const fresh: ServerFacts = {
  archived: false,
  disabled: false,
  approved: 0,
  reviewOpen: false,
  changeHeld: false,
  lastDecision: null,
  discoveryUnreachable: false,
  agentHealth: [],
};
const decided = { ...fresh, lastDecision: { valid: true }, approved: 2 };

test.each<[string, ServerFacts]>([
  // nothing was found that anybody could review
  ['Not looked at', fresh],
  ['Needs review', { ...fresh, reviewOpen: true }],
  ['Approved', decided],
  ['Needs review', { ...decided, reviewOpen: true }],
  ['Change held', { ...decided, reviewOpen: true, changeHeld: true }],
  ['Rejected', { ...decided, approved: 0 }],
  ['Expired', { ...decided, lastDecision: { valid: false }, approved: 0 }],
  ['Needs review', { ...decided, lastDecision: { valid: false }, reviewOpen: true }],
  ['Unreachable', { ...fresh, discoveryUnreachable: true }],
  ['Unreachable', { ...decided, agentHealth: ['unreachable', 'unreachable'] }],
  ['Approved', { ...decided, agentHealth: ['unreachable', 'connected'] }],
  ['Approved', { ...decided, agentHealth: ['connected'], discoveryUnreachable: true }],
  ['Withheld', { ...decided, agentHealth: ['withheld', 'withheld'] }],
  ['Approved', { ...decided, agentHealth: ['withheld', 'connected'] }],
  ['Unreachable', { ...decided, agentHealth: ['withheld', 'unreachable'] }],
  // an agent that had no call for it yet serves it all the same
  ['Approved', { ...decided, agentHealth: ['withheld', 'unused'] }],
  ['Approved', { ...decided, agentHealth: ['unused'] }],
  ['Unreachable', { ...decided, agentHealth: ['unreachable', 'unused'] }],
  ['Unreachable', { ...fresh, agentHealth: ['unused'], discoveryUnreachable: true }],
  ['Archived', { ...decided, archived: true, disabled: true, reviewOpen: true }],
  ['Disabled', { ...decided, disabled: true, reviewOpen: true, agentHealth: ['unreachable'] }],
])('%s', (state, facts) => {
  expect(getServerState(facts)).toBe(state);
});
