// expect: agent-has-no-unlisted-room
export { inside } from '../config/inside.ts';
