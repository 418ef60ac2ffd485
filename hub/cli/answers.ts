// answers — answers whose submission is not known yet, answers that belong to none, and numbers that two partners use
// at one agency at the same time.
import type { Command } from 'commander'
import {
  AnswerReleased,
  HeldAnswerList,
  OrphanDropped,
  OrphanList,
  OrphanMatched,
  SharedKeyClosed,
  SharedKeyList,
} from '../../messages/views/index.js'
import { act } from './act.js'
import { createClient } from './client.js'
import { print, table, when, zone } from './show.js'
import { jsonOption, nothing, whyOption } from './options.js'

const done = 'done 已处理'

export function addAnswers(program: Command): void {
  const answers = program
    .command('held-answer')
    .description('answers whose submission is not known yet 待定回执 (needs HUB_OPS_KEY)')
  answers
    .command('list', { isDefault: true })
    .description('list them, oldest first. The hub settles each one by itself when no submission is in doubt any more')
    .option(...jsonOption)
    .action(async (options: { json?: boolean }) => {
      const body = await createClient().read(HeldAnswerList, '/ops/answers/held', { ops: true })
      print(body, options.json === true, () =>
        body.answers.length === 0
          ? nothing
          : table([
              ['REPLY', 'AGENCY', `RECEIVED ${zone}`, 'CITES', 'MAY ANSWER A'],
              ...body.answers.map((one) => [
                one.replyId,
                one.agency,
                when(one.receivedAt),
                cites(one.keys),
                one.documentTypes.join(' '),
              ]),
            ]),
      )
    })
  addMatch(answers, () => done)
  answers
    .command('release')
    .argument('<reply>')
    .description('it answers no submission of this hub: subscribers get it as a notice, else it is an orphan')
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action((reply: string, options: { why: string; json?: boolean }) =>
      act(
        AnswerReleased,
        `/ops/answers/${encodeURIComponent(reply)}/release`,
        { why: options.why },
        { json: options.json, says: done },
      ),
    )

  const orphan = program.command('orphan').description('answers that belong to no submission 无主回执')
  orphan
    .command('list', { isDefault: true })
    .description('list them, newest first')
    .option(...jsonOption)
    .action(async (options: { json?: boolean }) => {
      const body = await createClient().read(OrphanList, '/ops/orphans', { ops: true })
      print(body, options.json === true, () =>
        body.orphans.length === 0
          ? nothing
          : table([
              ['REPLY', 'AGENCY', `RECEIVED ${zone}`, 'SIZE', 'CITES'],
              ...body.orphans.map((o) => [
                o.replyId,
                o.agency,
                when(o.receivedAt),
                String(o.size),
                o.damaged ? `HUB_BYTES_DAMAGED 内容已损坏 ${o.submissionId ?? ''}`.trimEnd() : cites(o.keys),
              ]),
            ]),
      )
    })
  addMatch(orphan, (reply, submission) => `${reply} answers ${submission}; its receipts are on their way`)
  orphan
    .command('drop')
    .argument('<reply>')
    .description('ignore it; it is kept 忽略')
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action((reply: string, options: { why: string; json?: boolean }) =>
      act(
        OrphanDropped,
        `/ops/orphans/${encodeURIComponent(reply)}/drop`,
        { why: options.why },
        { json: options.json, says: `${reply} is no orphan any more; it is kept` },
      ),
    )

  const shared = program
    .command('shared-key')
    .description('numbers that two partners use at one agency at the same time 编号冲突 (needs HUB_OPS_KEY)')
  shared
    .command('list', { isDefault: true })
    .description('list them, newest first, with both submissions')
    .option(...jsonOption)
    .action(async (options: { json?: boolean }) => {
      const body = await createClient().read(SharedKeyList, '/ops/shared-keys', { ops: true })
      print(body, options.json === true, () =>
        body.sharedKeys.length === 0
          ? nothing
          : table([
              ['ID', 'AGENCY', 'KEY', `SINCE ${zone}`, 'CANDIDATES'],
              ...body.sharedKeys.map((one) => [
                String(one.id),
                one.agency,
                `${one.key.name}=${one.key.value}`,
                when(one.since),
                one.candidates.map((c) => `${c.partnerId} ${c.submissionId} (${c.state})`).join(' · '),
              ]),
            ]),
      )
    })
  shared
    .command('close')
    .argument('<id>')
    .description('close it after it was checked')
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action((id: string, options: { why: string; json?: boolean }) =>
      act(
        SharedKeyClosed,
        `/ops/shared-keys/${encodeURIComponent(id)}/close`,
        { why: options.why },
        { json: options.json, says: done },
      ),
    )
}

/** @param says what a person is told, where no JSON is asked for */
function addMatch(parent: Command, says: (reply: string, submission: string) => string): void {
  parent
    .command('match')
    .argument('<reply>')
    .argument('<submission>')
    .description('assign the answer to a submission 认领')
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action((reply: string, submissionId: string, options: { why: string; json?: boolean }) =>
      act(
        OrphanMatched,
        `/ops/orphans/${encodeURIComponent(reply)}/match`,
        { submissionId, why: options.why },
        { json: options.json, says: says(reply, submissionId) },
      ),
    )
}

/** What an answer says it is of. */
const cites = (keys: readonly { name: string; value: string }[]): string =>
  keys.map(({ name, value }) => `${name}=${value}`).join(' ')
