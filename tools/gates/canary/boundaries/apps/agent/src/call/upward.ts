// expect: agent-room-call
export { inside } from '../clients/inside.ts';
