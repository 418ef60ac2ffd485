// mapping — how a message in one form becomes what its agency takes, as data
// (xsd/families/<family>/mappings/<id>.yaml): EDIFACT or a flat file the published XML, or published XML an EDIFACT
// message. Lines stand in the order of the target; each says where a value goes and where it comes from. What is read
// by no line and not named under `leave` is a fault.
import { Type, type Static } from 'typebox'
import { closed } from '../closed.js'
import { Condition } from '../document-type.js'

const Wanted = Type.Union([Type.String(), Type.Array(Type.String())])

/**
 * Paths of the source (source-path.ts) are seen from the node of the enclosing `each`; with a leading `/` from the
 * root; `.` is that node itself. Paths of the target are relative to the enclosing block and may end in `@attribute`;
 * in an EDIFACT message they are segments and their values, `NAD[MS]/2:1`, what a group holds below the segment that
 * opens it, and `FTX[AAI]/4:*` is a text cut to the lengths of the components.
 */
const lineShape = {
  to: Type.String({ minLength: 1 }),
  /** The first of these paths that has a value. */
  from: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })])),
  /** A constant. */
  value: Type.Optional(Type.String()),
  /** Parts put together: `=text` is itself, anything else a path, which may end in `|form`. */
  join: Type.Optional(Type.Array(Type.String(), { minItems: 2 })),
  /** Every value of a path, as lines of one; or with `between` between them. */
  gather: Type.Optional(Type.String()),
  between: Type.Optional(Type.String()),
  /** EDIFACT: a DTM, read by its format code (2379); the first of these that is there. Formed by `form`. */
  date: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })])),
  /**
   * To EDIFACT: a DTM from the digits, or the ISO date, at this path, with the format code (2379) of as many as say
   * something.
   */
  dtm: Type.Optional(Type.String()),
  /** How many nodes there are at a path. */
  count: Type.Optional(Type.String()),
  /** One element for every different value of a path. */
  all: Type.Optional(Type.String()),
  /**
   * The least or the greatest of all values at a path, as text: dates and times. Of EDIFACT a DTM, each read by its
   * format code.
   */
  least: Type.Optional(Type.String()),
  most: Type.Optional(Type.String()),
  /** The sum of all numbers at a path. */
  sum: Type.Optional(Type.String()),
  /** The number of this turn of the enclosing `each`, from 1. */
  index: Type.Optional(Type.Literal(true)),
  /** Translates by a list under `codes`; a value that is not in it is a fault. */
  codes: Type.Optional(Type.String()),
  /**
   * `time14`, `time17`: digits filled up with zeros, YY made 20YY. `date8` the day alone. `prefix:X` puts X before it.
   * `iso-date`, `iso-time`: digits as the forms write days and times, 2026-06-01T09:00:00.
   */
  form: Type.Optional(Type.String({ pattern: '^(time14|time17|date8|iso-date|iso-time|prefix:.+)$' })),
  /** Of the value what the first group of this expression finds; where it does not fit, that is a fault. */
  part: Type.Optional(Type.String({ pattern: '^/.+/$' })),
  /** What stands in for a missing value. */
  default: Type.Optional(Type.String()),
  /** Missing is a fault. */
  required: Type.Optional(Type.Literal(true)),
  /** The line counts only where these hold: path → value, list or `/expression/`. */
  when: Type.Optional(Type.Record(Type.String(), Wanted)),
  /** A block for every node at a path… */
  each: Type.Optional(Type.String()),
  /** …or one for all nodes that share the value at this path, seen from them; `.` is their own. */
  by: Type.Optional(Type.String()),
  /**
   * Values at the first path must be among those at the second: the target ties them together by nothing else. Others
   * are a fault.
   */
  tied: Type.Optional(Type.Tuple([Type.String(), Type.String()])),
}

const Level5 = Type.Object(lineShape)
/** A line; with `each` a block of lines. */
export interface MapLine extends Static<typeof Level5> {
  write?: MapLine[]
}
const Level4 = Type.Object({ ...lineShape, write: Type.Optional(Type.Array(Level5)) })
const Level3 = Type.Object({ ...lineShape, write: Type.Optional(Type.Array(Level4)) })
const Level2 = Type.Object({ ...lineShape, write: Type.Optional(Type.Array(Level3)) })

/**
 * One file of a pack's mappings/: a mapping, or several that share lines (YAML anchors under `shared`; lists in lists
 * are one list).
 */
export const MappingFile = Type.Object({ shared: Type.Optional(Type.Unknown()), mappings: Type.Array(Type.Unknown()) })

const MappingShape = Type.Object({
  mapping: Type.String({ pattern: '^[a-z0-9-]+$', description: 'Also the name of its file' }),
  /** The document it is made of, by its id, and the condition on its facts. */
  from: Type.Object({ document: Type.String(), when: Type.Optional(Condition) }),
  /** What it becomes; of EDIFACT, the release it is written by. */
  to: Type.Object({
    document: Type.String(),
    root: Type.String(),
    namespace: Type.String(),
    release: Type.Optional(Type.String({ pattern: '^D[0-9]{2}[AB]$' })),
  }),
  /**
   * The message goes as it came; only an agency that asks for it (`agencies.<code>.xml`) is sent what this makes of it.
   */
  asked: Type.Optional(Type.Literal(true)),
  codes: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), Type.String()))),
  /**
   * Paths from the root of what the target has no place for and its authority does not ask for; `**` at the end is all
   * below. A segment is meant with what it opens with, `NAD[MS]/**`, or whatever that is, `NAD/**`.
   */
  leave: Type.Optional(Type.Array(Type.String())),
  /**
   * Values that must be these wherever they stand: one target is for one kind of thing. Anything else there is a fault.
   */
  only: Type.Optional(Type.Record(Type.String(), Wanted)),
  write: Type.Array(Level2),
})
/**
 * How a message in one form becomes another: a file of a pack's mappings/. Every line writes something, or names what
 * is left. A key that is not known here is a fault.
 */
export const Mapping = closed(MappingShape)
export type Mapping = Omit<Static<typeof Mapping>, 'write'> & { write: MapLine[] }
