// expect: no-relative-across-packages
export { across } from '../../policy/src/across.ts';
