/**
 * Ends a sentence for a caller, which can mend nothing at the site and is not told how it is set up: no address, file, reference or guardrail.
 */
export const ASK_ADMIN = 'Ask an administrator of this workspace.';
