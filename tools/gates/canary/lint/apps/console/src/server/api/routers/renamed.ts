// expect: gatehouse(procedure-parses-nothing)
import { parseInput as read } from '@gatehouse/services/parse';

export const get = read;
