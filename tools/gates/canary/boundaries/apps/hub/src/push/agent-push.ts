export type AgentPush = { nonce: string };
