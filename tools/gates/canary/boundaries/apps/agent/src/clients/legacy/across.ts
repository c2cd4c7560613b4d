// expect: agent-eras-of-clients-stay-apart
export { inside } from '../modern/inside.ts';
