// expect: agent-room-enrolment
export { inside } from '../config/inside.ts';
