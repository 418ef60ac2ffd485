// status — is everything flowing? Counts by agency and what needs a person.
import type { Command } from 'commander'
import { foldersDiffer, undone } from '../../messages/fleet.js'
import { QueuesView, Status } from '../../messages/views/index.js'
import { CliError, createClient } from './client.js'
import { print, table, when, zone } from './show.js'
import { jsonOption } from './options.js'

export function addStatus(program: Command): void {
  program
    .command('queue')
    .argument('[queue]', 'an agency code, or returns')
    .description(
      'the jobs in the queues of Redis 队列 (needs HUB_OPS_KEY); `hub status` shows what is still to be sent',
    )
    .option(...jsonOption)
    .action(async (queue: string | undefined, { json }: { json?: boolean }) => {
      const all = await createClient().read(QueuesView, '/ops/queues', { ops: true })
      const queues = all.queues.filter((one) => queue === undefined || one.queue === queue)
      if (queue !== undefined && all.reachable && queues.length === 0)
        throw new CliError(`there is no queue ${queue}: ${all.queues.map((one) => one.queue).join(', ')}`)
      print({ ...all, queues }, json === true, () =>
        all.reachable
          ? table([
              ['QUEUE', 'WAITING', 'ACTIVE', 'DELAYED'],
              ...queues.map((q) => [q.queue, String(q.waiting), String(q.active), String(q.delayed)]),
            ])
          : 'Redis cannot be reached; nothing is lost, the ledger fills the queues again',
      )
    })
  program
    .command('status')
    .description('what waits for each agency and partner 运行状态 (needs HUB_OPS_KEY)')
    .option(...jsonOption)
    .action(async ({ json }: { json?: boolean }) => {
      const status = await createClient().read(Status, '/ops/status', { ops: true })
      print(status, json === true, () =>
        [
          ...(status.refusal ? [`! ${status.refusal.zh} ${status.refusal.en}`] : []),
          ...(status.standstill ? [`! ${status.standstill.zh} ${status.standstill.en}`] : []),
          `${status.messages} messages, ${status.refused} refused, ${status.receiptsOwed} receipts still to ` +
            `return, ${status.orphans} orphan replies, ${status.overdue} answers late`,
          ...(status.fleet.shared ? fleet(status.fleet) : status.fleet.hubs.map(alone)),
          table([
            ['AGENCY', 'QUEUED', 'HELD', 'SUBMITTING', 'SUBMITTED', 'UNCLEAR', 'DEAD', `OLDEST ${zone}`],
            ...status.agencies.map((a) => [
              a.agency,
              String(a.queued),
              String(a.held),
              String(a.submitting),
              String(a.submitted),
              String(a.unclear),
              String(a.dead),
              when(a.oldestQueuedAt),
            ]),
          ]),
        ].join('\n'),
      )
    })
}

const ago = (at: string) => `${Math.max(0, Math.round((Date.now() - Date.parse(at)) / 1000))} s`

const alone = ({ version, process, startedAt }: Status['fleet']['hubs'][number]) =>
  `hub ${version}, ${process}, since ${when(startedAt)}`

/** The hubs that share the ledger, and which of them alone does what. */
function fleet(all: Status['fleet']): string[] {
  const { self, hubs, leases } = all
  return [
    table([
      ['HUB', 'VERSION', 'ROLES', `SINCE ${zone}`, 'SEEN', 'ALONE'],
      ...hubs.map((hub) => [
        hub.process === self ? `${hub.process} *` : hub.process,
        hub.version,
        hub.roles.join(' '),
        when(hub.startedAt),
        ago(hub.seenAt),
        leases
          .filter(({ holder }) => holder === hub.process)
          .map(({ name }) => name)
          .join(' '),
      ]),
    ]),
    ...undone(all).map((name) => `! nobody does ${name} now 无节点执行`),
    ...(foldersDiffer(all, new Date()) ? ['! hubs keep SFTP mailboxes in different folders 各节点信箱目录不同'] : []),
    '',
  ]
}
