export { across } from '../../policy/src/across.ts';
