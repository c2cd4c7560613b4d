/** The database did not do it in the time that it has, or not beside what else happens. Nothing of the transaction is kept. */
export class DatabaseBusyError extends Error {
  override readonly name = 'DatabaseBusyError';
}
