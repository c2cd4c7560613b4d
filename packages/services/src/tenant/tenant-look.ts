import { z } from 'zod';

import { createNameSchema } from '../name.ts';

/** Colours that a workspace is told by; the console has a tone of each for light and dark pages. */
export const TenantColour = z.enum(['indigo', 'teal', 'amber', 'pink', 'green', 'grey']);
export type TenantColour = z.infer<typeof TenantColour>;

/** A word that stands beside the name wherever the workspace is named: "Production". */
export const Environment = createNameSchema(24);
