// expect: agent-room-secrets
export { inside } from '../config/inside.ts';
