// inspection — the result of reading one message's bytes: which document it is, its facts, and its faults.
import type { Fault } from './fault.js'
import type { NamedCompany } from './companies.js'
import type { Facts } from './condition.js'
import type { EdifactFault } from './edifact/fault.js'
import type { EdifactSettings } from './edifact/settings.js'
import type { EdifactTarget } from './edifact/target.js'

/** A correlation key of a message: what a receipt will cite. */
export interface Key {
  name: string
  value: string
}

/**
 * What the bytes alone do not tell. Where the answer is no, `fault` is told of it: a warning, or a reason to refuse.
 */
export interface OpenQuestion {
  /** Did a file of this name come beside the message? */
  file?: string
  /** Has the partner had this number before: in a message of this document, or in an answer to one? */
  filed?: { document: string; key: string; value: string }
  fault: Fault
}

/** What one message is, and what is wrong with it. */
export interface Inspection {
  /** Absent when the bytes are no document the hub knows; then `faults` says why. */
  document?: {
    type: string
    family: string
    facts: Facts
    /** Where each fact stands, or would; only where it was asked for, and the message is XML. */
    places?: Record<string, { path: string; line: number }>
    reference?: string
    /** Joined identity facts; absent: the SHA-256 of the bytes serves. */
    identity?: string
    /** Joined order facts; absent: order does not matter. */
    order?: string
    keys: Key[]
    /** Codes of ports and customs offices it names. */
    ports?: string[]
    /** Companies it names as those who file, or in whose name it is filed. */
    companies?: NamedCompany[]
    /** A change or a deletion of something sent before. */
    changes?: true
    /**
     * SHA-256 of what the message says, where its envelope says more than that (EDIFACT). Absent: that of the bytes.
     */
    digest?: string
    /** The XSD and edition checked against. */
    schema: { file: string; version: string }
  }
  /** The envelope the message came in, when it did. */
  envelope?: string
  /** Of EDIFACT: what its CONTRL is to say. */
  edi?: { faults: readonly EdifactFault[]; type?: string }
  /**
   * What is sent on where that is not the message itself: the published XML made of it (or, asked for by `into`,
   * EDIFACT), and by which mapping.
   */
  derived?: { bytes: Uint8Array; mapping: string }
  /** SHA-256 of the bytes, hexadecimal: of large ones, which the thread goes through anyway. */
  sha256?: string
  /** Root element as found, for messages that cannot be identified. */
  root?: { name: string; namespace: string }
  /** What a person should look at, though the message goes its way. */
  warnings?: Fault[]
  /** Of what is valid. */
  questions?: OpenQuestion[]
  /** Empty: valid. At most the fault limit, the last one then being HUB_FAULT_LIMIT. */
  faults: Fault[]
}

/** How a partner's messages are read, where it is not as they say themselves. */
export interface ReadingOptions {
  /** Say where each fact stands. Costs a little, so it is asked when it has to be told. */
  places?: boolean
  edifact?: EdifactSettings
  /** Published XML, looked at before: the EDIFACT that is made of it is looked at instead, and is what is `derived`. */
  into?: EdifactTarget
  /** EDIFACT: what a mapping makes of it for those who ask, a document of the hub's own, is looked at and `derived`. */
  asXml?: true
  /** Whose message it is: the threads are shared out by owner. Absent: the hub's own. */
  owner?: string
}

/**
 * Parses, identifies and checks one message in one pass, off the main thread.
 * Never rejects for bad input; rejects with HubError HUB_CHECK_UNAVAILABLE when the engine itself is broken or
 * overloaded.
 * @see [createChecker](../xsd/checker.ts)
 */
export type Inspect = (bytes: Uint8Array, reading?: ReadingOptions) => Promise<Inspection>
