import { root } from '../../local/settings.ts';
import { z } from 'zod';

export const both = [root, z];
