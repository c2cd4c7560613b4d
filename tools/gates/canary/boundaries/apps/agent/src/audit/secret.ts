// expect: agent-secrets-are-out-of-reach-of-link-and-audit
export { borrowed } from '../config/borrow.ts';
