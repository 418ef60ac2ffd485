// ledger-log — where a test's ledger tells of a disk that fails, for tests that look at something else.
import type { LedgerLog } from '../../store/sqlite/open.js'

export const unread: LedgerLog = { error: () => {} }
