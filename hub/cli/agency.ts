// agency — the state of each agency, and what a person does about it: pause, resume, announce a maintenance window.
// Every act has its reason.
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { AgencyList, AgencyView, AnswerReadView, failingTries, Reloaded, Status } from '../../messages/views/index.js'
import { CliError, createClient } from './client.js'
import { print, table, when, zone } from './show.js'
import { jsonOption, whyOption } from './options.js'

export function addAgency(program: Command): void {
  const agency = program
    .command('agency')
    .description('the agencies 主管部门: state, pause, maintenance windows (needs HUB_OPS_KEY)')
  agency
    .command('list', { isDefault: true })
    .description('list all agencies: normal or held, breaker, connector')
    .option(...jsonOption)
    .action(async (options: { json?: boolean }) => {
      const { read } = createClient()
      const listed = await read(AgencyList, '/ops/agencies', { ops: true })
      // What keeps all of them waiting stands at none of them.
      const { standstill } = options.json ? {} : await read(Status, '/ops/status', { ops: true })
      print(listed, options.json === true, () =>
        [
          ...(standstill ? [`! ${standstill.zh} ${standstill.en}`] : []),
          table([['AGENCY', 'STATE', 'BREAKER', 'CONNECTOR', `UNTIL ${zone}`, 'WHY'], ...listed.agencies.map(line)]),
        ].join('\n'),
      )
    })
  agency
    .command('show')
    .argument('<agency>')
    .description('one agency, as each hub process sees it')
    .option(...jsonOption)
    .action(async (code: string, options: { json?: boolean }) =>
      show(
        await createClient().read(AgencyView, `/ops/agencies/${encodeURIComponent(code)}`, { ops: true }),
        options.json,
      ),
    )
  for (const [verb, text] of [
    ['pause', 'stop sending until it is resumed; messages wait 暂停'],
    ['resume', 'send again 恢复'],
  ] as const)
    agency
      .command(verb)
      .argument('<agency>')
      .description(text)
      .requiredOption(...whyOption)
      .option(...jsonOption)
      .action((code: string, options: { why: string; json?: boolean }) =>
        say(code, verb, { why: options.why }, options.json),
      )
  agency
    .command('window')
    .argument('<agency>')
    .description(
      'announce a maintenance window 维护窗口: the queue pauses and continues by itself. Without times: withdraw ' +
        'all announced windows',
    )
    .option('-f, --from <time>', 'YYYY-MM-DDTHH:MM')
    .option('-t, --to <time>', 'YYYY-MM-DDTHH:MM')
    .option('-z, --time-zone <name>', 'IANA name', 'Asia/Shanghai')
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action(
      (
        code: string,
        {
          from,
          to,
          timeZone,
          why: reason,
          json: asJson,
        }: { from?: string; to?: string; timeZone: string; why: string; json?: boolean },
      ) => {
        for (const [option, time] of [
          ['--from', from],
          ['--to', to],
        ] as const)
          if (time === undefined ? (from ?? to) !== undefined : !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(time))
            throw new CliError(`${option} wants a time such as 2026-10-01T20:00, by a clock on the wall in ${timeZone}`)
        return from === undefined && to === undefined
          ? say(code, 'windows/clear', { why: reason }, asJson)
          : say(code, 'windows', { start: from ?? '', end: to ?? '', timeZone, why: reason }, asJson)
      },
    )
  agency
    .command('test')
    .argument('<agency>')
    .description('show how the hub reads an HTTP answer of this agency 应答判读; nothing is sent')
    .requiredOption('-s, --status <code>', 'HTTP status')
    .option('-t, --type <media type>', 'Content-Type')
    .option('-b, --body <file>', 'the body')
    .option('-H, --header <name: value...>', 'a further header')
    .option(...jsonOption)
    .action(async (code: string, options: TestOptions) => {
      const path = `/ops/agencies/${encodeURIComponent(code)}/test`
      const answer = await createClient().act(AnswerReadView, path, await asAnswer(options))
      print(answer, options.json === true, () => tested(answer))
    })
  program
    .command('reload')
    .description(
      'read hub.yaml again 重新加载配置: the rules for agencies change at once; if the file has a fault, nothing changes',
    )
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action(async (options: { why: string; json?: boolean }) => {
      const answer = await createClient().act(Reloaded, '/ops/config/reload', { why: options.why })
      print(answer, options.json === true, () => 'reloaded')
    })
}

interface TestOptions {
  status: string
  type?: string
  body?: string
  header?: string[]
  json?: boolean
}

async function asAnswer({ status, type, body, header = [] }: TestOptions): Promise<object> {
  const bytes = body === undefined ? Buffer.alloc(0) : await readFile(body)
  const headers = Object.fromEntries(
    header.map((line) => {
      const [, name, value] = /^([^:]+):\s*(.*)$/.exec(line) ?? []
      if (name === undefined) throw new CliError(`--header wants "Name: value", not ${line}`)
      return [name, value ?? '']
    }),
  )
  if (!/^\d{3}$/.test(status)) throw new CliError(`--status wants three digits, not ${status}`)
  return {
    status: Number(status),
    headers: { ...headers, ...(type === undefined ? {} : { 'content-type': type }) },
    body: bytes.toString('base64'),
  }
}

function tested({ agency, verdict, rule, from, receipt, learn, outcome, code, follows }: AnswerReadView): string {
  return [
    `${agency}: ${verdict === 'other' ? 'not the agency speaking' : verdict} → ${outcome}${code ? ` ${code}` : ''}`,
    rule ? `  by the ${from === 'settings' ? 'configured' : 'default'} rule ${JSON.stringify(rule)}` : '  no rule fits',
    `  the body is ${receipt ? 'a receipt the hub reads' : 'no receipt the hub reads'}`,
    ...learn.map(({ name, value }) => `  number: ${name} ${value}`),
    `  ${follows}`,
  ].join('\n')
}

async function say(code: string, verb: string, body: object, asJson?: boolean): Promise<void> {
  show(await createClient().act(AgencyView, `/ops/agencies/${encodeURIComponent(code)}/${verb}`, body), asJson)
}

/** The longest row of failed tries of a process; one that sends well meanwhile does not make it better. */
const failingOf = ({ processes }: AgencyView) =>
  processes.flatMap(({ failing }) => failing ?? []).sort((a, b) => b.tries - a.tries)[0]

const failed = ({ tries, since, why }: NonNullable<ReturnType<typeof failingOf>>) =>
  `the last ${tries === 1 ? 'try' : `${tries} tries`} failed, since ${when(since)}${why === '' ? '' : `: ${why}`}`

/** `UNTIL` is when a held agency goes on by itself; of any other it stays empty. */
function line(one: AgencyView): string[] {
  const hold = one.processes.flatMap(({ holds }) => holds)[0]
  const held = hold?.reason ?? (one.paused ? 'paused' : 'held')
  const going = (failingOf(one)?.tries ?? 0) >= failingTries ? 'failing' : 'normal'
  const state =
    one.connector === 'none' ? 'unreachable' : one.health?.ok === false ? 'trouble' : one.open ? going : held
  return [one.agency, state, one.breaker, one.connector, one.open ? '' : when(hold?.until), why(one, hold)]
}

function why(one: AgencyView, hold: { why: string } | undefined): string {
  if (one.connector === 'none') return 'no connector: add this agency to hub.yaml'
  return (one.health?.ok === false ? one.health.detail : undefined) ?? hold?.why ?? one.paused?.why ?? elseWhy(one)
}

function elseWhy(one: AgencyView): string {
  const { health, processes, nextClosing } = one
  if (health && !health.ok) return health.detail ?? ''
  if (processes.length === 0) return 'no process sends: HUB_ROLES'
  const failing = failingOf(one)
  if (failing) return failed(failing)
  return nextClosing ? `closes ${when(nextClosing.since)}: ${nextClosing.why}` : ''
}

function show(one: AgencyView, asJson?: boolean): void {
  print(one, asJson === true, () =>
    [
      `${one.agency} ${one.open ? 'normal' : 'held'}, connector ${one.connector}, breaker ${one.breaker}`,
      ...(one.paused ? [`  paused since ${when(one.paused.since)} by ${one.paused.who}: ${one.paused.why}`] : []),
      ...one.announced.map(
        (window) =>
          `  announced: ${window.start} ` +
          `to ${window.end} ${window.timeZone ?? 'Asia/Shanghai'}${window.why ? `: ${window.why}` : ''}`,
      ),
      ...(one.nextClosing
        ? [`  next closing: ${when(one.nextClosing.since)} to ${when(one.nextClosing.opensAt)}: ${one.nextClosing.why}`]
        : []),
      ...(one.health
        ? [
            `  other side: ${one.health.ok ? 'well' : one.health.detail}${
              one.health.files === undefined ? '' : `, ${one.health.files} files ` + `not fetched`
            }`,
          ]
        : []),
      ...one.processes.map(({ process, open, holds, breaker, failing }) => {
        const why = holds.map((hold) => `${hold.reason} (${hold.why})${hold.until ? ` until ${when(hold.until)}` : ''}`)
        const tries = `breaker ${breaker.state}, ${breaker.failures} of ${breaker.tries} failed`
        const row = failing ? `; ${failed(failing)}` : ''
        return `  ${process}: ${open ? (failing ? 'sends' : 'normal') : why.join(', ')}; ${tries}${row}`
      }),
    ].join('\n'),
  )
}
