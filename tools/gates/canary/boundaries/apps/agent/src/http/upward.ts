// expect: agent-room-http
export { inside } from '../clients/inside.ts';
