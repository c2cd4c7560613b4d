/**
 * Ends a sentence for a caller, which can mend nothing at the site and is not told how it is set up: no address, file, reference or guardrail.
 */
export const ASK_ADMIN = 'Ask an administrator of this workspace.';

/** The same, after what may mend itself. */
export const ASK_ADMIN_ELSE = 'If it stays so, ask an administrator of this workspace.';
