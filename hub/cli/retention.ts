// retention — how long bytes are kept, and the result of the last run.
import type { Command } from 'commander'
import { RetentionView, RetentionWalk } from '../../messages/views/index.js'
import { refusedDaysOf } from '../operate/retention-rules.js'
import { createClient } from './client.js'
import { print, when } from './show.js'
import { jsonOption, whyOption } from './options.js'

export function addRetention(program: Command): void {
  const retention = program
    .command('retention')
    .description('how long the bytes of messages are kept 保存期限 (needs HUB_OPS_KEY); hub.yaml has the rules')
  retention
    .command('show', { isDefault: true })
    .description('show the rules and the result of the last daily run')
    .option(...jsonOption)
    .action(async ({ json }: { json?: boolean }) => {
      const view = await createClient().read(RetentionView, '/ops/retention', { ops: true })
      print(view, json === true, () =>
        view.rules === undefined
          ? 'Everything is kept.'
          : [
              rulesInWords(view.rules),
              view.last ? `${when(view.last.startedAt)}  ${said(view.last)}` : 'No run has finished yet.',
              ...(view.running ? ['A walk is under way.'] : []),
              ...(view.trouble === undefined ? [] : [`The last walk was cut short: ${view.trouble}`]),
            ].join('\n'),
      )
    })
  retention
    .command('walk')
    .description('delete or archive now what is older than the rules say')
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action(async ({ why, json }: { why: string; json?: boolean }) => {
      const walked = await createClient().act(RetentionWalk, '/ops/retention/walk', { why })
      print(walked, json === true, () => said(walked))
    })
}

function rulesInWords(rules: NonNullable<RetentionView['rules']>): string {
  const days = rules.days === undefined ? 'for good' : `for ${rules.days} days`
  const others = Object.entries(rules.operationDays ?? {}).map(([code, days]) => `, of ${code} for ${days}`)
  const end = rules.archive === undefined ? 'are deleted' : `go to ${rules.archive}`
  const refused = `of refused messages for ${refusedDaysOf(rules)} days`
  return `Bytes are kept ${days}, ${refused}${others.join('')}; then they ${end}.`
}

const said = ({ letGo, size, seconds, open, held }: RetentionWalk) =>
  `${letGo} messages, ${(size / 1e6).toFixed(1)} MB, let go of in ${seconds} ` +
  `s${
    open === 0 ? '' : `; ${open} beyond their days are kept: they are dead, unclear or held, ` + `or a receipt is owed`
  }${held === 0 ? '' : `; ${held} are under a legal hold 法务保全`}.`
