// expect: agent-secrets-are-out-of-reach-of-link-and-audit
export { resolved } from '../secrets/resolve.ts';
