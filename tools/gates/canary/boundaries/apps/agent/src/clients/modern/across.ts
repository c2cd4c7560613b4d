// expect: agent-eras-of-clients-stay-apart
export { inside } from '../legacy/inside.ts';
