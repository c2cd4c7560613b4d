// expect: agent-room-state
export { inside } from '../call/inside.ts';
