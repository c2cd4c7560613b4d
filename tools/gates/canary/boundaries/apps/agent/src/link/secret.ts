import { resolved } from '../secrets/resolve.ts';
export { resolved };
