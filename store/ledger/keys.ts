// keys — encryption at rest: which data keys there are, a new one while the hub runs, and old bytes under the newest.
import type { CipherName } from '../sealing/ciphers.js'

/** A data key without the key itself. */
export interface DataKeyFacts {
  id: string
  cipher: CipherName
  /** Fingerprint of its master key. */
  master: string
  madeAt: Date
  /** New bytes are encrypted with it. */
  current: boolean
}

/** How far a walk through all that is encrypted has come. */
export interface Resealed {
  /** Where the next slice begins; absent: all was looked at. */
  next?: string
  looked: number
  resealed: number
}

/** The walk that brings old bytes under a new key is `reseal`, a slice a call. */
export interface Keys {
  dataKeys(): Promise<DataKeyFacts[]>
  /**
   * A new data key, which new bytes are encrypted with at once; all older ones are put under the first master key.
   * @throws HubError HUB_NOT_ENCRYPTED where no key is configured
   */
  rotateKey(now: Date): Promise<DataKeyFacts>
  /** Rows from there on that are not kept as new ones are; within a slice that holds up nobody for long. */
  reseal(from?: string): Promise<Resealed>
  /** Text for outside the ledger (the archive), as bytes are kept inside it; as it is where nothing is encrypted. */
  sealText(text: string): Promise<string>
  /** @throws HubError HUB_BYTES_DAMAGED when no key of this ledger opens it */
  openText(text: string): Promise<string>
}
