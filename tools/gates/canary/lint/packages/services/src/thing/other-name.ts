// expect: gatehouse(authorisation-keeps-its-names) know mutate by its name
import { mutate as change } from '../audit/mutate.ts';

export const update = (args: { ctx: object }): unknown => change(args.ctx);
