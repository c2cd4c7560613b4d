import { version } from './literal.ts';

export const said = version;
