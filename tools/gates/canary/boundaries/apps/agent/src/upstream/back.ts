// expect: agent-upstream-knows-no-client-or-hub
export { inside } from '../link/inside.ts';
