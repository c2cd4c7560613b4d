// expect: agent-room-link
export { inside } from '../call/inside.ts';
