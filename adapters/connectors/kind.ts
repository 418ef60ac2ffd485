// kind — one way to reach agencies, as the rest of the hub sees it: its settings, what is wrong with them, and the
// connector they make.
import type { Static, TObject } from 'typebox'
import { Value } from 'typebox/value'
import type { MemoryBudget } from '../../messages/memory-budget.js'
import type { ValueFault } from '../../messages/value-fault.js'
import type { Connector, FetchedAnswer, FetchedRefusal } from './connector.js'

/**
 * What the hub gives every connector. A kind takes what it needs.
 * @see [createConnect](../../hub/agencies/connect.ts), [startAgencies](../../hub/boot/agencies.ts)
 */
export interface ConnectorGiven {
  /** How long one send may take, in milliseconds. */
  deadlineMs: number
  /** The value of the environment variable a setting names; undefined where the setting is absent. */
  secret: (name: string | undefined) => string | undefined
  /** Can the hub read this answer as an agency's receipt? */
  isReceipt: (bytes: Buffer) => boolean | Promise<boolean>
  /** Where room in memory comes from for what agencies answer. */
  memory: MemoryBudget
  /** The Single Window client's import folder of a document type, and all there are. */
  folderOf: (documentType: string) => string | undefined
  folders: string[]
  /** Endings of file names that the other side is still writing. */
  temporaryEndings: readonly string[]
  /** Keeps an answer the connector has fetched, for good; rejects when it could not. */
  found: (answer: FetchedAnswer) => Promise<void>
  /** Names of the files that an answer says come with it. */
  filesNamed: (bytes: Buffer) => Promise<string[]>
  /** A submission was refused without an answer that says why. May be told more than once. */
  refused: (refusal: FetchedRefusal) => Promise<void>
  /** Fetching is one hub's, of those that reach an agency the same way: does it unless another hub does. */
  alone: (work: () => Promise<void>) => Promise<unknown>
  log: { info(ids: object, event: string): void; warn(ids: object, event: string): void }
}

/** What a kind of connector is to the rest of the hub; docs/adding-a-connector.md goes through it line by line. */
export interface ConnectorKind<S extends TObject = TObject> {
  /** The word in hub.yaml: `connector: <kind>`. */
  kind: string
  /** What the other side is, in a few words: the heading of its settings in docs/configuration.md. */
  title: string
  /**
   * What an operator writes, each setting with its default and its description (`description` in English, `zh` in
   * Chinese). By its name a setting is known to name a secret (`…Env`: environment variables, checked to be set) or a
   * file (`…File`: checked to be readable).
   */
  Settings: S
  /** What no single rule of `Settings` sees, each fault with its place below the agency's entry. */
  faults(settings: Static<S>): ValueFault[]
  /** Brings answers by itself, so it is opened at the start also when nothing is sent. */
  fetches: boolean
  /**
   * What tells the place at which messages are handed over from any other: of what one place has, another knows
   * nothing.
   * @param settings with every default in place
   */
  place(settings: Static<S>): unknown
  /** A question is answered in the same call (docs/queries.md); else the hub answers it from its ledger. */
  answersQueries: boolean
  /**
   * Settings that an agency's entry in routing/agencies.yaml may bring; each is a table, and hub.yaml replaces its
   * members one by one.
   */
  defaults?: { Settings: TObject; faults(settings: object): ValueFault[] }
  /** @param settings with every default in place */
  create(settings: Static<S>, given: ConnectorGiven): Connector
}

/** A kind with the types of its own settings. */
export const connectorKind = <S extends TObject>(kind: ConnectorKind<S>): ConnectorKind<S> => kind

/** Settings as an operator wrote them, with the defaults of what he left out. */
export const withDefaults = <S extends TObject>({ Settings }: ConnectorKind<S>, written: object): Static<S> =>
  Value.Default(Settings, structuredClone(written)) as Static<S>
