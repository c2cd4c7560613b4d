// expect: console-procedures-declare-no-schema
import { z } from 'zod';
export { z };
