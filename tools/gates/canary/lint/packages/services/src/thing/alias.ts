// expect: gatehouse(authorisation-keeps-its-names) know mutate by its name
import { mutate } from '../audit/mutate.ts';

const change = mutate;
export const update = (args: { ctx: object }): unknown => change(args.ctx);
