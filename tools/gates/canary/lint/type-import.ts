// expect: typescript(consistent-type-imports)
import { Buffer } from 'node:buffer';
export const size = (buffer: Buffer): number => buffer.length;
