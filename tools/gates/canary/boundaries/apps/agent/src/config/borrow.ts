export { resolved as borrowed } from '../secrets/resolve.ts';
