// receipt-key-file — where the keys that sign receipts are, whether or not the hub signs.
import { join } from 'node:path'
import type { Config } from './config.js'

/** Where the key that signs receipts lies: a path, the file may not be there. */
export const receiptKeyFile = ({ signReceipts, dataDir }: Pick<Config, 'signReceipts' | 'dataDir'>): string =>
  signReceipts?.keyFile ?? join(dataDir, 'receipt-keys.json')
