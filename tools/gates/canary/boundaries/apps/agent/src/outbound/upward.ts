// expect: agent-room-outbound
export { inside } from '../link/inside.ts';
