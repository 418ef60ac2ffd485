// write-lock — the lock every transaction that writes a ledger holds from before its first reading to its end; a
// connection that breaks gives it back too.

/** The number of the ledger's lock among the locks of its database. */
export const writeLockNumber = 4_739_202
/** The statement that every transaction that writes runs first. */
export const writeLock = `select pg_advisory_xact_lock(${writeLockNumber})`
