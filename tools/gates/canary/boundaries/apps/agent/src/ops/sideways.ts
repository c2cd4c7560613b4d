// expect: agent-room-ops
export { inside } from '../call/inside.ts';
