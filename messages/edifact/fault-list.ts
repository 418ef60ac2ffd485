// fault-list — the faults of one message or interchange, as many as a person reads. A hostile message is not answered
// with a list of its own size.
import { edifactFault, type EdifactFault, type FaultDetails, type FaultPlace } from './fault.js'
import { type SyntaxErrorCode } from './syntax-errors.js'

/**
 * Takes a fault in its parts, so that one that will not be listed is never put into words: hostile bytes hold millions.
 */
export type ReportSyntaxError = (
  code: SyntaxErrorCode,
  scope: EdifactFault['scope'],
  place: FaultPlace,
  details?: FaultDetails,
) => void

/** How many faults of a message are listed; all are counted. */
export interface FaultLimits {
  /** Errors listed; further ones are counted. Default 500. */
  errors?: number
  /** Warnings listed of each code. Default 20. */
  warningsOfACode?: number
}

/** Collects the faults of one message up to its limits. */
export class FaultList {
  /** Those that are listed, in the order they were found. */
  readonly faults: EdifactFault[] = []
  /** Errors met, listed or not. */
  errors = 0
  /** How many warnings were met, listed or not. */
  warnings = 0
  readonly #limits: Required<FaultLimits>
  readonly #listedWarnings = new Map<string, number>()

  constructor(limits: FaultLimits = {}) {
    this.#limits = { errors: 500, warningsOfACode: 20, ...limits }
  }

  /** A fault that is made already. */
  readonly add = (fault: EdifactFault): void => {
    if (this.#counted(fault.severity, fault.code)) this.faults.push(fault)
  }

  /** A fault by the code of 0085 that CONTRL says of it. */
  readonly report: ReportSyntaxError = (code, scope, place, details = {}) => {
    if (this.#counted(details.severity ?? 'error', code)) this.faults.push(edifactFault(code, scope, place, details))
  }

  /** Counts it; true when it is to be listed. */
  #counted(severity: EdifactFault['severity'], code: SyntaxErrorCode): boolean {
    if (severity === 'error') return this.errors++ < this.#limits.errors
    this.warnings++
    const listed = this.#listedWarnings.get(code) ?? 0
    if (listed < this.#limits.warningsOfACode) this.#listedWarnings.set(code, listed + 1)
    return listed < this.#limits.warningsOfACode
  }

  /** Some were met that are not listed. */
  get more(): boolean {
    return this.errors + this.warnings > this.faults.length
  }
}
