// answer-rules — what an agency's HTTP answers look like, as data. An answer that fits no rule is not the agency
// speaking: a firewall's page, a gateway's error, a login form. Nobody knows then what became of the message.
import { Type, type Static } from 'typebox'
import type { HttpAnswer } from '../../../messages/agency-answer.js'
import type { Key } from '../../../messages/inspection.js'
import { detectSyntax } from '../../../messages/syntax.js'
import { inTurns } from '../../../messages/turns.js'
import type { ValueFault } from '../../../messages/value-fault.js'
import { readingXml } from '../../../messages/xml-reading.js'

const strict = { additionalProperties: false }
const oneOrMore = <T extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Integer>>(one: T) =>
  Type.Union([one, Type.Array(one, { minItems: 1 })])
const Status = Type.Integer({ minimum: 100, maximum: 599 })
const Pattern = Type.String({ minLength: 1, maxLength: 500 })

/** The forms a body may have: none, plain text, or a receipt the hub can read, under the media type of its syntax. */
const bodyForms = ['empty', 'text', 'receipt'] as const
type BodyForm = (typeof bodyForms)[number]
const Form = Type.Enum(bodyForms)

/** All that is named must hold. */
const AnswerRule = Type.Object(
  {
    status: oneOrMore(Status),
    body: Type.Optional(
      Type.Union([Form, Type.Array(Form, { minItems: 1 })], {
        description: 'empty, text (text/plain) or receipt (one the hub reads, under the media type of its syntax)',
      }),
    ),
    type: Type.Optional(oneOrMore(Type.String({ minLength: 1 }))),
    root: Type.Optional(oneOrMore(Type.String({ minLength: 1 }))),
    pattern: Type.Optional(oneOrMore(Pattern)),
    not: Type.Optional(oneOrMore(Pattern)),
    header: Type.Optional(Type.Record(Type.String(), Pattern)),
    /** Of a duplicate: the agency knows the repetition by the hub's own id, so it is the hub's in any case. */
    byId: Type.Optional(Type.Boolean()),
    /** A regular expression with one group: the agency's number in the body; `key`: the correlation key it is. */
    number: Type.Optional(Pattern),
    key: Type.Optional(Type.String({ minLength: 1 })),
  },
  strict,
)
type AnswerRule = Static<typeof AnswerRule>

/** In the order they are asked: what speaks against a filing goes before what speaks for it. */
export const verdicts = ['duplicate', 'refused', 'busy', 'taken'] as const
type AnswerVerdict = (typeof verdicts)[number]
const Rules = Type.Array(AnswerRule, { maxItems: 50 })
/** A verdict named here replaces the default rules of that verdict; `[]` leaves none. */
export const AnswerRules = Type.Object(
  { taken: Rules, refused: Rules, duplicate: Rules, busy: Rules },
  { ...strict, description: 'What the answers of the agency look like' },
)
export type AnswerRules = Static<typeof AnswerRules>

/** Of GET {statusPath}: `{id}` in a pattern stands for the submission id. */
export const StatusRules = Type.Object({ taken: Rules, notTaken: Rules }, strict)
export type StatusRules = Static<typeof StatusRules>

/** Words of what stands between the hub and an agency, in plain text. */
const gatewayWords =
  '^\\s*(HTTP\\S*\\s+)?\\d{3}\\b|bad request|gateway|proxy|upstream|firewall|forbidden|denied|blocked|not ' +
  'found|reset before headers|<html'

/** Where the operator says nothing. Simulated agencies answer so. */
const defaultAnswerRules: AnswerRules = {
  duplicate: [{ status: 409, header: { 'x-already-taken': '^true$' }, byId: true }],
  refused: [
    { status: [400, 409, 422], body: 'receipt' },
    { status: [400, 409, 422], body: 'text', not: gatewayWords },
  ],
  busy: [
    { status: [408, 429, 503], body: ['empty', 'text'], not: gatewayWords },
    // The hub's own credentials are wrong: no fault of the message, and corrected by the operator.
    { status: [401, 407], body: ['empty', 'text'] },
  ],
  taken: [
    { status: [202, 204], body: 'empty' },
    { status: [200, 201, 202], body: 'receipt' },
  ],
}

const defaultStatusRules: StatusRules = {
  taken: [{ status: 200, type: 'application/json', pattern: '"submissionId"\\s*:\\s*"{id}"' }],
  notTaken: [
    {
      status: 404,
      type: 'application/json',
      pattern: ['"submissionId"\\s*:\\s*"{id}"', '"taken"\\s*:\\s*false'],
    },
  ],
}

/** Patterns that are no regular expressions, and numbers without a group, each with its place. */
export function ruleFaults(rules: Partial<AnswerRules> | Partial<StatusRules>): ValueFault[] {
  return Object.entries(rules).flatMap(([verdict, list]) =>
    list.flatMap(({ pattern = [], not = [], header = {}, number }, i): ValueFault[] => {
      const at = `/${verdict}/${i}`
      const sources = [...[pattern].flat(), ...[not].flat(), ...Object.values(header), ...(number ? [number] : [])]
      const bad = sources.filter((source) => !isExpression(source))
      if (bad.length > 0)
        return bad.map((value) => ({ at, en: 'has no regular expression here', zh: '不是有效的正则表达式', value }))
      if (number === undefined || number.replaceAll('(?:', '').includes('(')) return []
      return [{ at: `${at}/number`, en: 'has no group that holds the number', zh: '缺少取编号的分组', value: number }]
    }),
  )
}

function isExpression(source: string): boolean {
  try {
    return new RegExp(source.replaceAll('{id}', 'x'), 'iu') instanceof RegExp
  } catch {
    return false
  }
}

/** Can the hub read these bytes as an agency's receipt? */
export type IsReceipt = (bytes: Buffer) => boolean | Promise<boolean>

/** What an answer means, and by which rule. */
export interface AnswerReading {
  /** `other`: not the agency speaking. */
  verdict: AnswerVerdict | 'other'
  rule?: AnswerRule
  /** Whose rule it is. */
  from?: 'settings' | 'default'
  /** The body is a receipt. */
  receipt: boolean
  /** The agency's number, where the rule says how to find it. */
  learn: Key[]
}

/** Those of the operator first, then the defaults of every verdict the operator does not name. */
export function createAnswerReader(own: Partial<AnswerRules>, isReceipt: IsReceipt) {
  const ordered = [
    ...verdicts.flatMap((verdict) =>
      (own[verdict] ?? []).map((rule) => ({ verdict, rule, from: 'settings' as const })),
    ),
    ...verdicts.flatMap((verdict) =>
      own[verdict] === undefined
        ? defaultAnswerRules[verdict].map((rule) => ({ verdict, rule, from: 'default' as const }))
        : [],
    ),
  ]
  const rooted = ordered.some(({ rule }) => rule.root !== undefined)
  return async function read(answer: HttpAnswer): Promise<AnswerReading> {
    const seen = await look(answer, isReceipt, rooted)
    const hit = ordered.find(({ rule }) => fits(rule, seen))
    if (!hit) return { verdict: 'other', receipt: seen.receipt(), learn: [] }
    return { ...hit, receipt: seen.receipt(), learn: numberIn(hit.rule, seen.text()) }
  }
}

/** What the answer to a status query says of one submission. */
export function createStatusReader(own: Partial<StatusRules>, isReceipt: IsReceipt) {
  const rules = { ...defaultStatusRules, ...own }
  const rooted = [...rules.taken, ...rules.notTaken].some((rule) => rule.root !== undefined)
  return async function read(answer: HttpAnswer, submissionId: string): Promise<'taken' | 'not-taken' | 'unknown'> {
    const seen = await look(answer, isReceipt, rooted)
    if (rules.notTaken.some((rule) => fits(rule, seen, submissionId))) return 'not-taken'
    return rules.taken.some((rule) => fits(rule, seen, submissionId)) ? 'taken' : 'unknown'
  }
}

type Seen = Awaited<ReturnType<typeof look>>

/**
 * The answer with what rules ask of it, each worked out once and only when asked. @param rooted some rule asks for the
 * root
 */
async function look({ status, headers, body }: HttpAnswer, isReceipt: IsReceipt, rooted: boolean) {
  const once = <T>(work: () => T) => {
    let known: { value: T } | undefined
    return () => (known ??= { value: work() }).value
  }
  const type = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()
  const text = once(() => decode(body, /charset="?([\w-]+)/i.exec(headers['content-type'] ?? '')?.[1]))
  // A large answer is read elsewhere, so this is asked beforehand.
  const isOne = typeFits(type, body) && (await isReceipt(body))
  const receipt = () => isOne
  const root = rooted
    ? await inTurns(readingXml(body)).then(
        ({ root }) => root,
        () => undefined,
      )
    : undefined
  return { status, headers, type, empty: body.length === 0, text, receipt, root }
}

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value])
/** JavaScript's own; `u` so that Chinese counts as letters. */
const compiled = new Map<string, RegExp>()
function expression(source: string): RegExp {
  const known = compiled.get(source)
  if (known) return known
  const made = new RegExp(source, 'iu')
  if (compiled.size < 1000) compiled.set(source, made)
  return made
}
const escaped = (id: string) => id.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&')

function fits(rule: AnswerRule, seen: Seen, id?: string): boolean {
  const found = (pattern: string) => expressionFor(pattern, id).test(seen.text())
  return (
    list(rule.status).includes(seen.status) &&
    (rule.type === undefined || list(rule.type).some((type) => type.toLowerCase() === seen.type)) &&
    (rule.header === undefined ||
      Object.entries(rule.header).every(([name, pattern]) =>
        expression(pattern).test(seen.headers[name.toLowerCase()] ?? ''),
      )) &&
    (rule.body === undefined || list(rule.body).some((form) => hasForm(form, seen))) &&
    (rule.root === undefined || list(rule.root).includes(seen.root ?? '')) &&
    (rule.pattern === undefined || list(rule.pattern).every(found)) &&
    (rule.not === undefined || !list(rule.not).some(found))
  )
}

const expressionFor = (pattern: string, id: string | undefined) =>
  id === undefined ? expression(pattern) : new RegExp(pattern.replaceAll('{id}', escaped(id)), 'iu')

function hasForm(form: BodyForm, seen: Seen): boolean {
  switch (form) {
    case 'empty':
      return seen.empty
    case 'text':
      return !seen.empty && seen.type === 'text/plain'
    case 'receipt':
      return !seen.empty && seen.receipt()
    default:
      return form satisfies never
  }
}

/** A receipt comes under the media type of its syntax: the same bytes as text/html come from somewhere else. */
function typeFits(type: string, body: Buffer): boolean {
  switch (detectSyntax(body)) {
    case 'xml':
      return /^(application|text)\/xml$|\+xml$/.test(type) && type !== 'application/xhtml+xml'
    case 'edifact':
      return ['application/edifact', 'text/plain', 'application/octet-stream'].includes(type)
    case 'flatfile':
      return ['text/plain', 'application/octet-stream'].includes(type)
    default:
      return false
  }
}

function numberIn({ number, key = 'agencyNumber' }: AnswerRule, text: string): Key[] {
  const value = number === undefined ? undefined : expression(number).exec(text)?.[1]
  return value === undefined || value === '' ? [] : [{ name: key, value: value.slice(0, 200) }]
}

/** For patterns only; what is kept are the bytes. */
function decode(body: Buffer, charset = 'utf-8'): string {
  const head = body.subarray(0, 256 * 1024)
  try {
    return new TextDecoder(charset, { fatal: true }).decode(head)
  } catch {
    return new TextDecoder('gb18030').decode(head)
  }
}
