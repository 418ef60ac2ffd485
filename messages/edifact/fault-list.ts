// fault-list — the faults of one message or interchange, as many as a person reads. A hostile message is not answered with a list of its own size.
import { type EdifactFault } from './fault.js'

export interface FaultLimits {
  /** Errors listed; further ones are counted. Default 500. */
  errors?: number
  /** Warnings listed of each code. Default 20. */
  warningsOfACode?: number
}

export class FaultList {
  readonly faults: EdifactFault[] = []
  /** Errors met, listed or not. */
  errors = 0
  warnings = 0
  readonly #limits: Required<FaultLimits>
  readonly #listedWarnings = new Map<string, number>()

  constructor(limits: FaultLimits = {}) {
    this.#limits = { errors: 500, warningsOfACode: 20, ...limits }
  }

  readonly add = (fault: EdifactFault): void => {
    if (fault.severity === 'error') {
      if (this.errors++ < this.#limits.errors) this.faults.push(fault)
      return
    }
    this.warnings++
    const listed = this.#listedWarnings.get(fault.code) ?? 0
    if (listed >= this.#limits.warningsOfACode) return
    this.#listedWarnings.set(fault.code, listed + 1)
    this.faults.push(fault)
  }

  /** Some were met that are not listed. */
  get more(): boolean {
    return this.errors + this.warnings > this.faults.length
  }
}
