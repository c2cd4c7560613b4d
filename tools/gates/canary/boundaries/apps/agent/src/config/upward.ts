// expect: agent-room-config
export { inside } from '../link/inside.ts';
