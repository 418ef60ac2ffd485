// answers — what the authority answers to a form: its document, and what a simulated authority says, step by step along
// the life cycle.
import { escapeXml } from '../../messages/escape-xml.js'
import { termDays } from '../../messages/terms.js'
import { functionNames, headOf } from './head.js'
import { answerName, broughtKeys, filesBrought } from './document.js'
import { leafNode, textLeaf } from './made-node.js'
import type { Form, Node, LifeCycleStep } from './node.js'

/** The answer's root: head, the message answered, the state and what comes with it. */
export function answerRoot(form: Form): Node {
  const name = answerName(form.document)
  return {
    name,
    zh: `${form.title.zh}回执`,
    en: `Answer: ${form.title.en}`,
    min: 1,
    max: 1,
    fields: [
      headOf(name, [{ code: '11', zh: '回执' }], {
        sender: form.agencies[0]?.toUpperCase() ?? 'GACC',
        receiver: 'TESTSENDER01',
      }),
      leafNode('OriginalMessageID', ['原报文编号', 'The message answered'], textLeaf(60)),
      leafNode('OriginalFunctionCode', ['原报文功能代码', 'Its function'], {
        type: 'code',
        base: 'string',
        codes: form.functions.map(({ code, name }) => ({ code, zh: functionNames[name] ?? name })),
      }),
      leafNode('State', ['状态', 'State'], {
        type: 'code',
        base: 'string',
        codes: form.life.map(({ code, zh }) => ({ code, zh })),
      }),
      leafNode('StateTime', ['状态时间', 'Since when'], { type: 'dateTime', base: 'dateTime' }),
      leafNode('Text', ['说明', 'What it means'], textLeaf(600)),
      ...(form.life.some(({ brings }) => brings.length > 0)
        ? [{ name: 'Result', zh: '办理结果', en: 'Result', min: 0, max: 1, fields: broughtTogether(form.life) }]
        : []),
    ],
  }
}

/**
 * What any step brings, each field once and none of them needed; where steps differ in a type, what any of them allows.
 */
function broughtTogether(life: readonly LifeCycleStep[]): Node[] {
  const all = new Map<string, Node>()
  for (const { brings } of life)
    for (const node of brings) {
      const before = all.get(node.name)
      all.set(node.name, before ? joined(before, node) : { ...node, min: 0 })
    }
  return [...all.values()]
}

/** What either of two allows. */
export function joined(one: Node, other: Node): Node {
  const max = Math.max(one.max, other.max)
  if (one.fields && other.fields) {
    const names = [...new Set([...one.fields, ...other.fields].map(({ name }) => name))]
    const fields = names.map((name) => {
      const [a, b] = [one.fields!.find((f) => f.name === name), other.fields!.find((f) => f.name === name)]
      return a && b ? joined(a, b) : { ...(a ?? b)!, min: 0 }
    })
    return { ...one, max, fields }
  }
  const [a, b] = [one.leaf, other.leaf]
  if (!a || !b || a.type === b.type) return { ...one, max }
  if (a.codes && b.codes)
    return {
      ...one,
      max,
      leaf: { ...a, codes: [...a.codes, ...b.codes.filter(({ code }) => !a.codes!.some((c) => c.code === code))] },
    }
  return {
    ...one,
    max,
    leaf: {
      type: 'text(2000)',
      base: 'string',
      minLength: 1,
      maxLength: Math.max(a.maxLength ?? 100, b.maxLength ?? 100),
    },
  }
}

/**
 * One answer in the course of a filing, as the simulator gives it `afterMs` after it took the filing. `template`: XML
 * in Mustache.
 */
interface AnswerStage {
  name: string
  afterMs: number
  template: string
  /** Files come with it. */
  prints?: true
}
/** An entry of `answers.yaml`, as it is made of a form's life cycle (adapters/simulator/book-data.ts reads it). */
export interface SimulatedAnswers {
  document: string
  when?: Record<string, string | string[]>
  stages: AnswerStage[]
  refusal?: AnswerStage[]
}

/**
 * The course of each function: taken in, then the answer that ends it well. What is asked for in between a person would
 * have to give.
 */
export function answersOf(form: Form): SimulatedAnswers[] {
  if (form.kind !== 'filing') return []
  return form.functions.map(({ code, name }) => {
    const mine = form.life.filter(({ on }) => on === undefined || on.includes(code))
    const first = mine[0]
    const ends = mine.filter(({ on }) => on !== undefined)
    // Without a step of its own, what is withdrawn or cancelled is only taken in: an approval would be of something
    // else.
    const undoing = ['withdraw', 'cancel', 'delete'].includes(name)
    const good = (some: LifeCycleStep[]) =>
      some.find(({ status }) => status === 'approved') ?? some.find(({ status }) => status === 'released')
    const end = good(ends) ?? (undoing ? undefined : good(mine))
    const course = [...new Set([first, end])].filter(
      (one): one is LifeCycleStep => one !== undefined && one.status !== 'rejected' && one.status !== 'failed',
    )
    const bad = mine.find(({ status }) => status === 'rejected') ?? mine.find(({ status }) => status === 'failed')
    return {
      document: form.document,
      when: { functionCode: code },
      stages: course.map((stage, i) => answerStage(form, stage, { afterMs: 100 * (i + 1) })),
      ...(bad ? { refusal: [answerStage(form, bad, { afterMs: 100, refusal: true })] } : {}),
    }
  })
}

function answerStage(
  form: Form,
  stage: LifeCycleStep,
  { afterMs, refusal = false }: { afterMs: number; refusal?: boolean },
): AnswerStage {
  const prints = filesBrought(stage).length > 0 ? { prints: true as const } : {}
  return { name: stage.code, afterMs, ...prints, template: template(form, stage, refusal) }
}

/** Mustache over the message and `sim`: see adapters/simulator/invent.ts. */
function template(form: Form, stage: LifeCycleStep, refusal = false): string {
  const name = answerName(form.document)
  const numbers = new Set(broughtKeys(form))
  const namespace = form.namespace.replace(`:${form.document}:`, `:${name}:`)
  const order = broughtTogether(form.life).map((node) => node.name)
  const brings = [...stage.brings].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  const text = refusal ? `${escapeXml(stage.zh)}{{#sim.refusal}}：{{sim.refusal}}{{/sim.refusal}}` : escapeXml(stage.zh)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<${name} xmlns="${namespace}">`,
    '  <Head>',
    '    <MessageID>{{sim.seqNo}}-{{sim.now17}}</MessageID>',
    '    <FunctionCode>11</FunctionCode>',
    `    <MessageType>${name}</MessageType>`,
    '    <SenderID>{{Head.ReceiverID}}</SenderID>',
    '    <ReceiverID>{{Head.SenderID}}</ReceiverID>',
    '    <SendTime>{{sim.nowIso}}</SendTime>',
    '    <Version>1.0</Version>',
    '  </Head>',
    '  <OriginalMessageID>{{Head.MessageID}}</OriginalMessageID>',
    '  <OriginalFunctionCode>{{Head.FunctionCode}}</OriginalFunctionCode>',
    `  <State>${stage.code}</State>`,
    '  <StateTime>{{sim.nowIso}}</StateTime>',
    `  <Text>${text}</Text>`,
    ...(brings.length === 0
      ? []
      : [
          '  <Result>',
          ...brings.flatMap((node) =>
            brought(node, { indent: '    ', numbers, step: stage.code, given: givenOn(brings) }),
          ),
          '  </Result>',
        ]),
    `</${name}>`,
  ].join('\n')
}

interface Brought {
  indent: string
  numbers: ReadonlySet<string>
  step: string
  /** The day of the step in the examples. */
  given: number
}

/** What the step itself is dated in the examples, else the day of the filing of all examples. */
function givenOn(brings: readonly Node[]): number {
  const dated = brings.find(({ name, leaf }) => leaf?.base === 'date' && !isTerm(name))
  return Date.parse((dated?.eg ?? storyDay).slice(0, storyDay.length))
}
const storyDay = '2026-06-01'

function brought(node: Node, { indent, numbers, step, given }: Brought): string[] {
  if (node.fields)
    return [
      `${indent}<${node.name}>`,
      ...node.fields.flatMap((one) => brought(one, { indent: `${indent}  `, numbers: new Set(), step, given })),
      `${indent}</${node.name}>`,
    ]
  const attribute = node.leaf?.attribute ? ` ${node.leaf.attribute.name}="${escapeXml(node.egAttribute ?? '')}"` : ''
  const value = valueOf(node, { number: numbers.has(node.name), step, given })
  return [`${indent}<${node.name}${attribute}>${value}</${node.name}>`]
}

/** The end of a term, and no day on which something was done. */
const isTerm = (name: string): boolean => /(To|Until|By|Expires|Due)(On)?$/.test(name)

/** As many days on as the term of the example has, in whole terms as authorities grant them. */
function termOf(eg: string, given: number): string {
  const days = (Date.parse(eg.slice(0, storyDay.length)) - given) / 86_400_000
  if (!(days > 0)) return '{{sim.inOneYear}}'
  const nearest = [...termDays].sort((a, b) => Math.abs(a - days) - Math.abs(b - days))[0]!
  return nearest === 365 ? '{{sim.inOneYear}}' : `{{sim.day${nearest}}}`
}

/** Dates are of today, or the end of a term from now; a number that is to be found again has digits of its own. */
function valueOf(
  { name, leaf, eg = '' }: Node,
  { number, step, given }: { number: boolean; step: string; given: number },
): string {
  // A file has a name of its own wherever it comes to lie.
  if (leaf?.type === 'attachment') return `${name}-${step}-{{sim.serial9}}.${eg.endsWith('.csv') ? 'csv' : 'pdf'}`
  if (leaf?.base === 'dateTime') return isTerm(name) ? `${termOf(eg, given)}T23:59:59` : '{{sim.nowIso}}'
  if (leaf?.base === 'date') return isTerm(name) ? termOf(eg, given) : '{{sim.today}}'
  const run = number && !leaf?.check ? /\d{3,9}(?=\D*$)/.exec(eg) : null
  // A run of more than nine digits keeps its head.
  if (!run) return escapeXml(eg)
  const [{ length }] = run
  return `${escapeXml(eg.slice(0, run.index))}{{sim.digits${length}}}${escapeXml(eg.slice(run.index + length))}`
}
