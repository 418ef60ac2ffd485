// ledger-errors — why a ledger cannot be opened, whatever keeps it.

/** It was written by a newer hub. */
export class LedgerTooNewError extends Error {
  override name = 'LedgerTooNewError'
}

/** It is not there, or does not let this hub in: its address, its rights, its server. */
export class LedgerUnreachableError extends Error {
  override name = 'LedgerUnreachableError'
}

/** It is in use by another process. */
export class LedgerInUseError extends Error {
  override name = 'LedgerInUseError'
}

/** A lease has passed to another hub meanwhile: what was begun under it is not written. */
export class LeaseLostError extends Error {
  override name = 'LeaseLostError'
}

/** A copy of another ledger that never became whole, or the ledger of which a copy has taken the place. */
export class LedgerCopyError extends Error {
  override name = 'LedgerCopyError'
}

/** Why a ledger is not opened without the store its bytes are in. */
export const bytesElsewhere =
  'bytes of this ledger are in an object store, and none is set. Set `payloads` (HUB_PAYLOADS) as it was. ' +
  '账本的报文存于对象存储，请设置 payloads。'

/** Why the ledger a copy has taken the place of is not copied once more. */
export const notCutOff = (source: string, target: string): LedgerCopyError =>
  new LedgerCopyError(
    `the ledger ${source} was copied to ${target}, and what is there now is no copy that was cut off: the hub works ` +
      'by that one, or it is gone. 账本已迁移，目标处没有中断的副本。',
  )
