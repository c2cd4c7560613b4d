// expect: gatehouse(authorisation-keeps-its-names) know mutate by its name
export { mutate as change } from '../audit/mutate.ts';
