/** Procedures in one request, for those who send and for those who answer. */
export const MAX_BATCH = 20;
