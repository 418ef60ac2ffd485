// rule — what an XSD cannot say of a message, as data (xsd/families/<family>/rules.yaml, and the forms): what is
// required when, what must agree with what. A small closed set of kinds. A rule only ever finds faults in what the XSD
// has found valid.
//
// A *path* is as in messages/document-type.ts, and relative to the entry that `for` names (the root where there is no
// `for`); with a leading `/` it starts below the root, with leading `../` that many levels above the entry. Of a
// repeated element the first is meant, except where a kind says every.
import { Type, type Static } from 'typebox'
import { checkDigits, type CheckDigitName } from '../../messages/check-digits/index.js'
import { Bilingual } from '../../messages/text.js'

const Path = Type.String({ pattern: '^/?[^/@\\s]*(/[^/@\\s]+)*(@[^/@\\s]+)?$', minLength: 1 })
const Paths = Type.Union([Path, Type.Array(Path, { minItems: 1 })])

/**
 * A value, `/a regular expression/` over the whole of it, or the words `present` and `absent` (missing or blank); a
 * list means any of them.
 */
const Value = Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })])
/** `>= 95`: the value is a number and so. */
const Numeric = Type.String({ pattern: '^(<|<=|>|>=|=) -?\\d+(\\.\\d+)?$' })
/** What a value is compared with in a condition: equal, `not` equal, or by a `number`. */
export const Wanted = Type.Union([
  Value,
  Type.Object({ not: Value }, { additionalProperties: false }),
  Type.Object({ number: Numeric }, { additionalProperties: false }),
])
export type Wanted = Static<typeof Wanted>

/**
 * What a condition asks: of a repeated element the first is meant, except where `any` or `none` of its occurrences is
 * to hold that.
 */
const ConditionTest = Type.Union([
  Wanted,
  Type.Object({ any: Value }, { additionalProperties: false }),
  Type.Object({ none: Value }, { additionalProperties: false }),
])
/** Conditions on one path. */
export type ConditionTest = Static<typeof ConditionTest>

/** path → what it must hold. All of them; of a list of such, any. */
const Conditions = Type.Record(Path, ConditionTest)
/** Conditions by path; all must hold. */
export type Conditions = Static<typeof Conditions>

/** yyyyMMdd, yyyy-MM-dd[ HH:mm:ss] … */
const DateForm = Type.String({ pattern: '^yyyy-?MM-?dd' })

const Day = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' })

const open = { additionalProperties: false }
const operators = ['<', '<=', '>=', '>', '=', '!='] as const
/** How two values are compared, as rules write it. */
export type Comparison = (typeof operators)[number]
const Comparison = Type.Unsafe<Comparison>(Type.Union(operators.map((one) => Type.Literal(one))))
/**
 * Paths, numbers, dates and durations with + - * between blanks, from left to right: `Price * 12`, `IssuedOn + 3
 * months`, `To - From` (days). `sum`, `min` or `max` before a path: of all its occurrences. Where a path has no value,
 * the whole has none.
 */
const Expression = Type.String({ minLength: 1 })
/** What a list brings to a balance. */
const Part = Type.Object({ in: Path, of: Path, where: Type.Optional(Type.Record(Path, Wanted)) }, open)

/**
 * The kinds. Blank counts as missing everywhere; a kind that compares passes where one side is missing, which `require`
 * is for.
 */
export const kinds = {
  /** Every path must be there and hold something; of repeated elements on the way, in each of them. */
  require: Paths,
  /** At least one of the paths must. */
  either: Type.Array(Path, { minItems: 2 }),
  /** No path may hold anything. */
  forbid: Paths,
  /** path → what every occurrence must hold, where it holds something. */
  value: Type.Record(Path, Wanted),
  /** No two occurrences may hold the same; with `each`, no two of these may hold the same in all of `by`. */
  unique: Type.Union([Path, Type.Object({ each: Path, by: Type.Array(Path, { minItems: 1 }) }, open)]),
  /** The occurrences hold 1, 2, 3 … each once, in whatever order they stand. */
  sequence: Path,
  /** At most so many occurrences. */
  most: Type.Object({ of: Path, count: Type.Integer({ minimum: 0 }) }, open),
  /**
   * `total` is the sum of every `of` without every `less`, times `by`; give or take `tolerance`. Default: 0.01, with
   * `by` what rounding explains.
   */
  sum: Type.Object(
    {
      total: Type.Union([Path, Type.Number()]),
      /** Default `=`: the total stands to the sum so. */
      op: Type.Optional(Comparison),
      /** The attribute (currency, unit) in which every part is like the total. */
      alike: Type.Optional(Type.String()),
      of: Paths,
      less: Type.Optional(Paths),
      by: Type.Optional(Path),
      /** Only of the occurrences of `in` that hold this; `of` and `less` are then below it. */
      in: Type.Optional(Path),
      where: Type.Optional(Type.Record(Path, Wanted)),
      tolerance: Type.Optional(Type.Number({ minimum: 0 })),
    },
    open,
  ),
  /**
   * Of two lists: under each value of `by` the left numbers come to as much as the right, where either list has it at
   * all. All paths are below their list; `where`: only of its occurrences that hold this.
   */
  balance: Type.Object({ left: Part, right: Part, by: Type.Array(Path, { minItems: 1 }) }, open),
  /** All of the paths hold something, or none. */
  together: Type.Array(Path, { minItems: 2 }),
  /** Exactly one of the paths holds something. */
  one: Type.Array(Path, { minItems: 2 }),
  /** Every occurrence holds the same. */
  same: Path,
  /** Two paths hold different values. */
  differ: Type.Tuple([Path, Path]),
  /** Two expressions stand to each other so; told at the first path of `left`. Passes where one has no value. */
  holds: Type.Object({ left: Expression, op: Comparison, right: Expression }, open),
  /** `is` is the product of all `of`; give or take what rounding explains. */
  product: Type.Object(
    {
      is: Path,
      of: Type.Array(Type.Union([Expression, Type.Number()]), { minItems: 2 }),
      op: Type.Optional(Comparison),
    },
    open,
  ),
  /** `is` is `part` by `whole`, times `times` (100: in percent). */
  ratio: Type.Object({ is: Path, part: Expression, whole: Expression, times: Type.Number() }, open),
  /**
   * `total` is the number of occurrences of `of`, or of its different values; `where`: only of those that hold this.
   */
  count: Type.Object(
    {
      total: Path,
      of: Path,
      distinct: Type.Optional(Type.Boolean()),
      where: Type.Optional(Type.Record(Path, Wanted)),
    },
    open,
  ),
  /** An occurrence of `in` holds all of `where`. */
  exists: Type.Object({ in: Path, where: Type.Record(Path, Wanted) }, open),
  /** Every occurrence of the first path holds a value of the second. */
  refers: Type.Tuple([Path, Path]),
  /**
   * `is` is the values of `of`, one behind the other; `=UN` is the text UN itself. `at`: only its start, or its end, is
   * that.
   */
  concat: Type.Object(
    {
      is: Path,
      of: Type.Array(Type.String({ minLength: 1 }), { minItems: 2 }),
      at: Type.Optional(Type.Union([Type.Literal('start'), Type.Literal('end')])),
    },
    open,
  ),
  /** The occurrences, numbers, stand in this order. */
  sorted: Type.Object({ of: Path, by: Type.Union([Type.Literal('ascending'), Type.Literal('descending')]) }, open),
  /**
   * Every occurrence was filed before by the same partner: as `at` of a message of this document, or of the authority's
   * answer to one. A question to the ledger, which engine.ts hands on; by itself it finds no fault.
   */
  known: Type.Object({ path: Path, document: Type.String(), at: Path }, open),
  /**
   * Every occurrence that holds one of `codes` does so on a day on which that may be declared: the first of `on` that
   * holds a day.
   */
  inForce: Type.Object(
    {
      path: Path,
      on: Type.Array(Path, { minItems: 1 }),
      codes: Type.Record(Type.String(), Type.Object({ from: Type.Optional(Day), to: Type.Optional(Day) }, open)),
    },
    open,
  ),
  /** Two paths hold the same. */
  equal: Type.Tuple([Path, Path]),
  /** The first path's value begins with the second's. */
  begins: Type.Tuple([Path, Path]),
  /** Every occurrence is a number that can exist, where it has the form of one (messages/check-digits). */
  check: Type.Object(
    {
      path: Paths,
      as: Type.Unsafe<CheckDigitName>(Type.Union(Object.keys(checkDigits).map((name) => Type.Literal(name)))),
    },
    open,
  ),
  /**
   * This element, an XML signature, is there and holds a value. Whether it holds, the agency says. Not asked where the
   * message is signed later on its way.
   */
  signed: Path,
  /**
   * Every occurrence is a day or a time that exists, written in one of these forms (date.ts); `open`: or in another,
   * which is left alone unless it is a date with a digit too many or too few; `several`: it is a list of them, `;` or
   * `,` between.
   */
  date: Type.Object(
    {
      path: Paths,
      as: Type.Union([DateForm, Type.Array(DateForm, { minItems: 1 })]),
      open: Type.Optional(Type.Boolean()),
      several: Type.Optional(Type.Boolean()),
    },
    open,
  ),
  /** Dates compare by their digits as far as both go; anything else as numbers. The right side may be a number. */
  compare: Type.Tuple([
    Path,
    Type.Union([Type.Literal('<'), Type.Literal('<='), Type.Literal('>='), Type.Literal('>')]),
    Type.Union([Path, Type.Number()]),
  ]),
} as const
/** A kind of rule, by the key that names it in rules.yaml. */
export type Kind = keyof typeof kinds

const Common = {
  id: Type.String({
    pattern: '^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$',
    description: 'Told in the fault, so that a partner can ask about it',
  }),
  documents: Type.Array(Type.String(), { minItems: 1 }),
  for: Type.Optional(Path),
  when: Type.Optional(Type.Union([Conditions, Type.Array(Conditions, { minItems: 1 })])),
  /** `warn`: the message goes its way, and the receipt says so. Default: it is refused. */
  level: Type.Optional(Type.Literal('warn')),
  text: Bilingual,
}
/** Keys that a rule of any kind may have. */
export const commonKeys: ReadonlySet<string> = new Set(Object.keys(Common))
/** A rule of rules.yaml: what all rules have, and the one key that names its kind. */
export const Rule = Type.Union(
  Object.entries(kinds).map(([kind, shape]) => Type.Object({ ...Common, [kind]: shape }, open)),
)
export type Rule = {
  id: string
  documents: string[]
  for?: string
  when?: Conditions | Conditions[]
  level?: 'warn'
  text: Bilingual
} & { [K in Kind]?: Static<(typeof kinds)[K]> }

/** The rules.yaml of a pack. How rules are written: docs/rules.md. */
export interface RuleFamily {
  family: string
  /**
   * Document → where in it everything stands that the rules name, for documents that wrap what another is by itself.
   */
  within?: Record<string, string>
  rules: Rule[]
}
