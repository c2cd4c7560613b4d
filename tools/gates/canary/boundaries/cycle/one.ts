// expect: no-circular
import { two } from './two.ts';
export const one = () => two;
