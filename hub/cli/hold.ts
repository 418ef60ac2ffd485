// hold — legal holds: messages whose bytes are kept in any case.
import type { Command } from 'commander'
import { LegalHoldList, LegalHoldReleased, LegalHoldView } from '../../messages/views/index.js'
import { CliError, createClient } from './client.js'
import { print, table, when, zone } from './show.js'
import { jsonOption, whyOption } from './options.js'

interface AddOptions {
  message?: string
  partner?: string
  company?: string
  until?: string
  why: string
  json?: boolean
}

export function addHold(program: Command): void {
  const hold = program
    .command('hold')
    .description('legal holds: messages whose bytes are kept in any case 法务保全 (needs HUB_OPS_KEY)')
  hold
    .command('list', { isDefault: true })
    .option('--all', 'also ended holds')
    .option(...jsonOption)
    .description('list the holds in force')
    .action(async ({ all, json }: { all?: boolean; json?: boolean }) => {
      const listed = await createClient().read(LegalHoldList, `/ops/holds${all ? '?all=true' : ''}`, { ops: true })
      print(listed, json === true, () =>
        listed.holds.length === 0
          ? 'Nothing is held. 无保全记录。'
          : table([
              ['HOLD', 'WHAT', `SINCE ${zone}`, 'UNTIL', 'BY', 'WHY', 'RELEASED'],
              ...listed.holds.map(({ n, kind, value, at, until, who, why, released }) => [
                String(n),
                `${kind} ${value}`,
                when(at),
                until === undefined ? '' : when(until),
                who,
                why,
                released ? `${when(released.at)} ${released.who}: ${released.why}` : '',
              ]),
            ]),
      )
    })
  hold
    .command('add')
    .description('hold one message, or all messages of a partner or of a company')
    .option('--message <id>', 'this message')
    .option('--partner <id>', 'all messages of this partner, also future ones')
    .option(
      '--company <code>',
      'all messages that name this company as filer, and all messages of partners for which it is registered',
    )
    .option('--until <date>', 'it ends by itself after this day (Beijing time), such as 2029-12-31')
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action(async ({ message, partner, company, until, why, json }: AddOptions) => {
      const named = Object.entries({ message, partner, company }).filter(([, value]) => value !== undefined)
      if (named.length !== 1) throw new CliError('name one of --message, --partner and --company.')
      const [kind, value] = named[0]!
      const body = { kind, value, why, ...(until === undefined ? {} : { until: endOf(until) }) }
      const made = await createClient().act(LegalHoldView, '/ops/holds', body)
      print(made, json === true, () => `hold ${made.n}: ${made.kind} ${made.value}`)
    })
  hold
    .command('release')
    .argument('<n>', 'its number')
    .description('end a hold; the retention rules apply again')
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action(async (n: string, { why, json }: { why: string; json?: boolean }) => {
      const ended = await createClient().act(LegalHoldReleased, `/ops/holds/${encodeURIComponent(n)}/release`, { why })
      print(ended, json === true, () => `hold ${ended.n} is released`)
    })
}

function endOf(day: string): string {
  const end = new Date(`${day}T23:59:59.999+08:00`)
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(end.getTime()))
    throw new CliError(`--until ${day} is no date. Write it as 2029-12-31.`)
  return end.toISOString()
}
