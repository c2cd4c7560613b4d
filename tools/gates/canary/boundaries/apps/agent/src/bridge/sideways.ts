// expect: agent-room-bridge
export { inside } from '../config/inside.ts';
