// expect: agent-room-wire
export { inside } from '../config/inside.ts';
