// expect: agent-room-discovery
export { inside } from '../link/inside.ts';
