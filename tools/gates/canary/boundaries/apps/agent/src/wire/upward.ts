// expect: agent-wire-imports-no-other-room
export { inside } from '../config/inside.ts';
