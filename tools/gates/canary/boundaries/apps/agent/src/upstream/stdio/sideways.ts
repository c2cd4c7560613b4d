// expect: agent-kinds-of-upstream-stay-apart
export { inside } from '../http/inside.ts';
