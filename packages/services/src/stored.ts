import type { Logger } from 'pino';
import { z } from 'zod';

/** Where a document stands in the database, for the log. */
export interface StoredPlace {
  /** "agent.server_health" */
  column: string;
  id: string;
}

/**
 * What `parse` makes of a JSON column; null, and logged, when it finds another form. For lists, where one bad row must cost nobody the
 * others: the row is shown without what cannot be read. A verb that answers about one thing alone lets `parse` throw.
 */
export function parseStored<T>(parse: () => T, log: Logger, place: StoredPlace): T | null {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    log.warn({ err: error, ...place }, 'a stored document cannot be parsed');
    return null;
  }
}
