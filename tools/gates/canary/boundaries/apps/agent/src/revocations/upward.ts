// expect: agent-room-revocations
export { inside } from '../link/inside.ts';
