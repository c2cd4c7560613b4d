import type { AgentPush } from '../push/agent-push.ts';

export type AgentLink = { push: AgentPush };
