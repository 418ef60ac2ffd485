// keeping — what an operator does about what is kept: copies, retention, encryption, legal holds.
import type { Operator } from '../../../../messages/operator.js'
import type * as view from '../../../../messages/views/index.js'

/** @see [buildHttpDoor](../../../../hub/boot/http.ts) */
export interface KeepingParts {
  /**
   * Copies the ledger while the hub runs.
   * @see [createBackup](../../../../hub/operate/backup.ts)
   */
  backup: (by: Operator) => Promise<view.BackupMade>
  /** Lets go of the bytes of what is long done with; undefined when everything is kept forever. */
  retention: { view: () => view.RetentionView; walk: (by: Operator) => Promise<view.RetentionWalk> } | undefined
  /** Encryption at rest, and legal holds. */
  keeping: {
    keys: () => Promise<view.KeysView>
    rotateKey: (by: Operator) => Promise<view.KeysView>
    reseal: (by: Operator) => Promise<view.KeysView>
    hold: (
      hold: { kind: 'message' | 'partner' | 'company'; value: string; until?: Date | undefined },
      by: Operator,
    ) => Promise<view.LegalHoldView>
    holds: (all: boolean) => Promise<view.LegalHoldView[]>
    releaseHold: (n: number, by: Operator) => Promise<boolean>
  }
}
