// expect: agent-room-clients
export { inside } from '../link/inside.ts';
