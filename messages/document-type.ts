// document-type — how a family of documents is described as data (xsd/families/<family>/family.yaml).
// From this the hub identifies a message, finds its reference and correlation keys, picks its XSD, and reads the
// receipts that answer it. Adding a service touches only such data.
//
// A *path* is element local names from the root's children down, `/`-separated, optionally ending in `@attribute`; a
// leading `@` is the root's own attribute. `Head/MessageID`, `Inventory/InventoryHead/copNo`, `@guid`. Names match by
// local name.
import { Type, type Static } from 'typebox'
import { closed } from './closed.js'
import { CompanyPaths } from './companies.js'
import { Envelope } from './envelope.js'
import { Bilingual } from './text.js'
import { ReceiptStatus } from './states.js'

const Path = Type.String({ minLength: 1, pattern: '^[^/].*$' })
/** fact name → value, list of values, or `/regular expression/`. All must hold. */
export const Condition = Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]))
export type Condition = Static<typeof Condition>

/** One answer an agency owes: some receipt of one of these statuses. Late, it is an alert, and nothing else happens. */
export const Expectation = Type.Object({
  status: Type.Array(ReceiptStatus, { minItems: 1 }),
  withinMinutes: Type.Number({ exclusiveMinimum: 0 }),
  title: Bilingual,
})
export type Expectation = Static<typeof Expectation>

/** An edition of a document's schema, and when it is the one that counts. The first that fits is taken. */
export const SchemaChoice = Type.Object({
  file: Type.String({ description: "Name below the pack's schemas/; outside the pack `<family>/<name>`" }),
  version: Type.String({ description: 'Edition of the published format, e.g. 202205' }),
  when: Type.Optional(Condition),
  /** Only for roots in this namespace. */
  namespace: Type.Optional(Type.String()),
  /** The first and the last day in China on which this edition is in force. */
  from: Type.Optional(Type.String({ format: 'date' })),
  until: Type.Optional(Type.String({ format: 'date' })),
})
export type SchemaChoice = Static<typeof SchemaChoice>

/**
 * An entry of a pack's family.yaml: how a document is known, and what is read from it. A path is written `Head/Ref`, an
 * attribute `Head/@Id`.
 */
export const DocumentType = Type.Object({
  id: Type.String({ description: 'CEB621Message, DecMessage, MT1101 …: the key used by the catalogue' }),
  title: Bilingual,
  source: Type.String({ description: 'The specification the facts come from' }),
  root: Type.String({ description: 'Local name of the root element' }),
  namespace: Type.String({ description: "Namespace of the root; '' for none" }),
  /** Further namespaces in which senders write the same; a schema may be for one of them only. */
  alsoIn: Type.Optional(Type.Array(Type.String())),
  /** Conditions on facts that tell this type from others with the same root and namespace. */
  match: Type.Optional(Condition),
  /** Single values read from the message, by name. */
  facts: Type.Record(Type.String(), Path),
  /** Name of the fact that is the partner's own reference. Absent: the SHA-256 of the bytes serves. */
  reference: Type.Optional(Type.String()),
  /** Facts that name the company that files: receipts name it too, where several partners use the same number. */
  senders: Type.Optional(Type.Array(Type.String())),
  /** Facts that together say "the same message again" (promise 8). Default: the reference alone. */
  identity: Type.Optional(Type.Array(Type.String())),
  /**
   * Facts that together name the business document, for sending in order (original, change, delete).
   * `departureTime:day` counts a date with time by its day: the voyage whose hour is corrected stays the same.
   */
  order: Type.Optional(Type.Array(Type.String())),
  /** When these facts hold it is a change or a deletion: it is held while its original stands refused. */
  changes: Type.Optional(Condition),
  /** What the agency is to answer, in steps: a status of `status` within this time of the step before. */
  expects: Type.Optional(Type.Array(Expectation)),
  /**
   * Correlation keys: what receipts cite. Multi-valued: every occurrence counts. Where only several values together are
   * one's own (总运单号 and 分运单号), `BillNo+AssBillNo` is one key of the first of each, and none when one of them is
   * missing.
   */
  keys: Type.Record(Type.String(), Path),
  /**
   * Elements that name a file which comes beside the message. `unless`: not where an element beside it holds this (`*`:
   * anything), such as the file itself.
   */
  files: Type.Optional(
    Type.Array(Type.Object({ path: Path, unless: Type.Optional(Type.Record(Type.String(), Type.String())) })),
  ),
  /** Where it names ports and customs offices: notices about these are subscribed to. */
  ports: Type.Optional(Type.Array(Path, { minItems: 1 })),
  /** Where it names companies. Absent: where its family says. */
  companies: Type.Optional(CompanyPaths),
  schemas: Type.Array(SchemaChoice, { minItems: 1 }),
  /** Names below the pack's samples/; outside the pack `<family>/<name>`. The first is the one shown to people. */
  samples: Type.Array(Type.String(), { minItems: 1 }),
  /** The Single Window client's import folder, where one is known. */
  folder: Type.Optional(Type.String()),
})
export type DocumentType = Static<typeof DocumentType>

const dayMark = ':day'
/** The fact an entry of `order` names: `departureTime:day` → departureTime. */
export const orderFact = (entry: string): string => (entry.endsWith(dayMark) ? entry.slice(0, -dayMark.length) : entry)
/** The part of a fact that an entry of `order` counts: all of it, or its day (`YYYY-MM-DD`) with `:day`. */
export const orderValue = (entry: string, value: string): string =>
  entry.endsWith(dayMark) ? value.slice(0, 'YYYY-MM-DD'.length) : value
/** The entry of `order` that names a fact by its day: departureTime → `departureTime:day`. */
export const byDay = (fact: string): string => `${fact}${dayMark}`

const ReceiptMatch = Type.Record(Type.String(), Type.String(), { description: 'path → value, all must hold' })

/** How one kind of agency receipt is read. Receipts are matched by root local name, whatever their namespace. */
export const ReceiptType = Type.Object({
  id: Type.String({ description: 'CEB622Message, DecImportResponse, DEC_RESULT, MT9999 …' }),
  title: Bilingual,
  source: Type.String(),
  root: Type.String(),
  match: Type.Optional(
    Type.Union([ReceiptMatch, Type.Array(ReceiptMatch, { minItems: 1 })], { description: 'A list: any of them' }),
  ),
  schema: Type.Optional(
    Type.String({
      description:
        'XSD, named as those of documents; used by tests and the simulator; a receipt is never refused for its form',
    }),
  ),
  /**
   * Path of the repeated node, one entry each. Absent: the root is the only entry. Paths below are relative to it.
   * A list where one receipt speaks at several levels (bills, containers, the whole message): every node of every path
   * that holds a code of its own is an entry, and the submission hears the gravest of those that concern it.
   */
  each: Type.Optional(Type.Union([Path, Type.Array(Path, { minItems: 1 })])),
  /**
   * What an entry speaks of within its message, to name it in a refusal: the first that has a value. Default: its first
   * key.
   */
  about: Type.Optional(Type.Array(Type.Object({ key: Type.String(), path: Type.String() }), { minItems: 1 })),
  /**
   * Keys in order of preference: the first whose value is present and known finds the submission.
   * `path` is relative to the entry; with a leading `/` it starts below the root; `A+B` as in a document's keys.
   */
  keys: Type.Array(
    Type.Object({
      key: Type.String(),
      path: Type.String(),
      /** A number of the company's own, used again and again: it finds only what the agency has not answered yet. */
      unanswered: Type.Optional(Type.Boolean()),
    }),
  ),
  /**
   * Where it names the company it is for: codes that stand among the `senders` of what it answers. Paths as of `keys`.
   */
  senders: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
  /**
   * Document types it answers, where kinds of documents are numbered each by itself: 核注清单 and 核放单 may bear the same
   * 统一编号. Only these are looked among. Absent: every type.
   */
  answers: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
  /** Keys this receipt teaches about the submission, e.g. seqNo ← SeqNo. */
  learn: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** Paths of the agency's code and text; `code` falls back to `defaultCode`. */
  code: Type.Optional(Type.String()),
  defaultCode: Type.Optional(Type.String()),
  text: Type.Optional(Type.String()),
  time: Type.Optional(Type.String()),
  agencyReference: Type.Optional(Type.String()),
  /** What that number is. Default: what its element is called for (messages/agency-numbers.ts). */
  agencyReferenceName: Type.Optional(Bilingual),
  /** Paths that hold names of files which come with the receipt. */
  attachments: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
  /** code → status; a key may be a `/regular expression/`. First match wins; else `otherwise`. */
  status: Type.Record(Type.String(), ReceiptStatus),
  otherwise: ReceiptStatus,
  /** code → the meaning in two languages, used when the receipt carries no text of its own. */
  meanings: Type.Optional(Type.Record(Type.String(), Bilingual)),
})
export type ReceiptType = Static<typeof ReceiptType>

/** A family: its documents, and the receipts that answer them. */
export const DocumentFamily = Type.Object({
  family: Type.String(),
  title: Bilingual,
  /** Where its documents name companies, of all that do not say so themselves. */
  companies: Type.Optional(CompanyPaths),
  documents: Type.Array(DocumentType),
  /** Its messages are signed by the company that files: a partner's `signatures: require` asks for that. */
  signed: Type.Optional(Type.Boolean()),
  receipts: Type.Array(ReceiptType),
  /** Import folders of the Single Window client in which the agency puts what it says first. */
  noticeFolders: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
  /** What may stand around a message or a receipt of this family. */
  envelopes: Type.Optional(Type.Array(Envelope)),
})
export type DocumentFamily = Static<typeof DocumentFamily>

/** A family as somebody writes it, `family.yaml`: a key that is not known here is a fault. */
export const FamilyFile = closed(DocumentFamily)
