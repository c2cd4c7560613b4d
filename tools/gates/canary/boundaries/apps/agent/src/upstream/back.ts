// expect: agent-room-upstream
export { inside } from '../link/inside.ts';
