// expect: hub-link-and-push-stay-apart
import type { AgentPush } from '../push/agent-push.ts';

export type AgentLink = { push: AgentPush };
