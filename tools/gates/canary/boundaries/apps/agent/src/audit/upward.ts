// expect: agent-room-audit
export { inside } from '../config/inside.ts';
