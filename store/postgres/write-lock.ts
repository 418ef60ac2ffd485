// write-lock — the lock every transaction that writes a ledger holds from before its first reading to its end; a
// connection that breaks gives it back too.

/** Of this ledger among the locks of its database. */
export const writeLockNumber = 4_739_202
/** To be run first in every transaction that writes. */
export const writeLock = `select pg_advisory_xact_lock(${writeLockNumber})`
