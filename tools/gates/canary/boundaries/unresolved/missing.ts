// expect: resolvable
import { nothing } from 'a-package-that-does-not-exist';
export { nothing };
