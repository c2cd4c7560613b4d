// expect: agent-state-and-http-are-below-calls
export { inside } from '../clients/inside.ts';
