// needs-attention — dead, unclear, held and overdue submissions, and answers without one: a person looks at them and
// decides. Every decision names its reason.
import type { Command } from 'commander'
import type { Static, TSchema } from 'typebox'
import { addAnswers } from './answers.js'
import {
  HeldReleased,
  AttentionList,
  SubmissionDropped,
  SubmissionReplayed,
  UnclearResolved,
} from '../../messages/views/index.js'
import { act } from './act.js'
import { createClient } from './client.js'
import { showWay } from './message.js'
import { print, table, when, zone } from './show.js'
import { jsonOption, nothing, whyOption } from './options.js'

export function addNeedsAttention(program: Command): void {
  const dead = program.command('dead').description('dead letters 死信: given up, or refused by the agency on receipt')
  listOf(dead, 'dead', 'remove the cause, then `hub dead replay <submission> --why …`, or close it: `hub dead drop`')
  showOf(dead)
  decide(dead, 'replay', {
    view: SubmissionReplayed,
    description: 'send it again, with new attempts 重发',
    became: 'is in the queue again',
  })
  decide(dead, 'drop', {
    view: SubmissionDropped,
    description: 'close it; it is kept 关闭',
    became: 'is closed; it is kept',
  })

  const unclear = program
    .command('unclear')
    .description(
      'unclear submissions 不明: sent, no answer seen. Ask the agency before you decide: a wrong guess files twice',
    )
  listOf(unclear, 'unclear', 'ask the agency first, then `hub unclear resolve <submission> taken|resend|dead --why …`')
  showOf(unclear)
  unclear
    .command('resolve')
    .argument('<submission>')
    .argument('<decision>', '`taken`: the agency has it · `resend`: the agency does not have it · `dead`: give up')
    .description('decide about one submission')
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action((submission: string, decision: string, options: { why: string; json?: boolean }) =>
      act(
        UnclearResolved,
        `/ops/submissions/${encodeURIComponent(submission)}/resolve`,
        { decision, why: options.why },
        {
          json: options.json,
          says:
            {
              taken: `${submission}: the agency has it; its answer is awaited`,
              resend: `${submission} is sent again`,
              dead: `${submission} is given up; it is a dead letter now`,
            }[decision] ?? `${submission}: ${decision}`,
        },
      ),
    )

  unclear
    .command('resolve-all')
    .argument('<decision>', '`taken`, `resend` or `dead`')
    .description('decide all that are unclear at one agency for one reason')
    .requiredOption('-a, --agency <code>', 'the agency')
    .requiredOption(
      '-c, --code <code>',
      'why they are unclear, as `hub unclear list` shows it: HUB_RESTORED, HUB_AGENCY_TIMEOUT …',
    )
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action((decision: string, options: { agency: string; code: string; why: string; json?: boolean }) =>
      resolveAll(decision, options),
    )

  const held = program.command('held').description('held changes 暂缓: their originals were rejected')
  listOf(
    held,
    'held',
    'it goes by itself after a corrected original; else `hub held release <submission> send|dead --why …`',
  )
  showOf(held)
  held
    .command('release')
    .argument('<submission>')
    .argument('<decision>', '`send`: file it with the agency now · `dead`: give it up')
    .description('decide about one submission; only `send` sends it')
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action((submission: string, decision: string, options: { why: string; json?: boolean }) =>
      act(
        HeldReleased,
        `/ops/submissions/${encodeURIComponent(submission)}/release`,
        { decision, why: options.why },
        {
          json: options.json,
          says:
            decision === 'send'
              ? `${submission} goes to the agency now`
              : `${submission} is given up; it is a dead letter now`,
        },
      ),
    )

  listOf(
    program.command('overdue').description('submissions whose receipts are late 回执逾期'),
    'overdue',
    'ask the agency; nothing is sent again by itself',
  )

  addAnswers(program)
}

/** One who comes back `unclear` meanwhile, or is decided by somebody else, is nobody's turn any more. */
async function resolveAll(
  decision: string,
  { agency, code, why: reason, json: asJson = false }: { agency: string; code: string; why: string; json?: boolean },
): Promise<void> {
  const client = createClient()
  const seen = new Set<string>()
  let decided = 0
  for (;;) {
    const query = new URLSearchParams({ agency, code, limit: '500' })
    const { submissions } = await client.read(AttentionList, `/ops/unclear?${query}`, { ops: true })
    const open = submissions.filter((s) => !seen.has(s.submissionId))
    if (open.length === 0) break
    for (const { submissionId } of open) {
      seen.add(submissionId)
      const resolve = `/ops/submissions/${encodeURIComponent(submissionId)}/resolve`
      const answer = await client.post(resolve, { decision, why: reason }, { accept: [404, 409] })
      if (answer.ok) decided++
      if (seen.size % 100 === 0) process.stderr.write(`${decided} decided …\n`)
    }
  }
  print({ decision, agency, code, decided }, asJson, () => `${decided} decided: ${decision}`)
}

/** @param next what a person does about one */
function listOf(parent: Command, kind: string, next: string): void {
  parent
    .command('list', { isDefault: true })
    .description('list them, oldest first')
    .option('-n, --limit <n>', 'how many', '100')
    .option(...jsonOption)
    .action(async (options: { limit: string; json?: boolean }) => {
      const path = `/ops/${kind}?limit=${Number(options.limit)}`
      const body = await createClient().read(AttentionList, path, { ops: true })
      print(body, options.json === true, () =>
        body.submissions.length === 0
          ? nothing
          : `${table([
              ['SUBMISSION', 'AGENCY', 'PARTNER', 'REFERENCE', `SINCE ${zone}`, 'WHY'],
              ...body.submissions.map((s) => [
                s.submissionId,
                s.agency,
                s.partnerId,
                s.reference,
                when(s.since),
                whyOf(s),
              ]),
            ])}\nnext: ${next}`,
      )
    })
}

function whyOf({ awaited, original, code, detail }: Static<typeof AttentionList>['submissions'][number]): string {
  if (awaited) return `awaited by ${when(awaited.by)}`
  return original ? `its original ${original.reference} was rejected` : [code, detail].filter(Boolean).join(' ')
}

function showOf(parent: Command): void {
  parent
    .command('show')
    .argument('<number>', 'submission, message or any other number of it')
    .description('show its history')
    .option(...jsonOption)
    .action((number: string, options: { json?: boolean }) => showWay(number, options.json))
}

function decide(
  parent: Command,
  verb: string,
  { view, description, became }: { view: TSchema; description: string; became: string },
): void {
  parent
    .command(verb)
    .argument('<submissions...>')
    .description(description)
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action(async (submissions: string[], options: { why: string; json?: boolean }) => {
      for (const submission of submissions)
        await act(
          view,
          `/ops/submissions/${encodeURIComponent(submission)}/${verb}`,
          { why: options.why },
          { json: options.json, says: `${submission} ${became}` },
        )
    })
}

/** Does it, and says what has become of it. */
