// message — one message: its state, its bytes, its history; and a receipt of it sent once more.
import type { Command } from 'commander'
import { timeOfId } from '../../messages/ids.js'
import { FoundMessages, MessageView, OwnMessage, Resent } from '../../messages/views/index.js'
import { CliError, createClient } from './client.js'
import { revealing, withReveal, type Reveal } from './reveal.js'
import { print, when, zone } from './show.js'
import { jsonOption, whyOption } from './options.js'

export function addMessage(program: Command): void {
  const message = program
    .command('message')
    .description('one message 报文: its state, its bytes, its history; return a receipt again')
  const show = message
    .command('show', { isDefault: true })
    .argument('<id>')
    .description('a message of yours: its state and history')
    .option('-c, --content', 'its bytes as received, instead')
    .option('-f, --forwarded', 'the bytes that are sent to its agency, instead')
    .option(...jsonOption)
  revealing(show).action(
    async (
      id: string,
      {
        content,
        forwarded,
        json: asJson,
        ...reveal
      }: { content?: boolean; forwarded?: boolean; json?: boolean } & Reveal,
    ) => {
      if (reveal.reveal) return showRevealed(id, { content, asJson, ...reveal })
      const path = `/v1/messages/${encodeURIComponent(id)}`
      if (content || forwarded)
        process.stdout.write(
          Buffer.from(await (await createClient().call(`${path}/${content ? 'content' : 'forwarded'}`)).arrayBuffer()),
        )
      else {
        const told = await createClient().read(OwnMessage, path)
        print(told, asJson === true, () => way(told))
      }
    },
  )
  traceOf(message)
  message
    .command('resend-receipt')
    .argument('<receipt>', 'rcp_…, as `hub message trace --json` or the monitor shows it')
    .description('return a receipt once more, by the same channel 补发回执 (needs HUB_OPS_KEY)')
    .requiredOption(...whyOption)
    .option(...jsonOption)
    .action(async (receipt: string, { why, json: asJson }: { why: string; json?: boolean }) => {
      const done = await createClient().act(Resent, `/ops/receipts/${encodeURIComponent(receipt)}/resend`, { why })
      print(done, asJson === true, () => `${receipt} will be returned once more`)
    })
  traceOf(program)
}

/** Of any partner's: an operator looks, and says why. */
async function showRevealed(
  id: string,
  { content, asJson, ...reveal }: { content?: boolean | undefined; asJson?: boolean | undefined } & Reveal,
): Promise<void> {
  const client = createClient()
  const path = `/ops/messages/${encodeURIComponent(id)}`
  if (content) {
    const response = await client.call(withReveal(`${path}/content`, reveal), { ops: true })
    process.stdout.write(Buffer.from(await response.arrayBuffer()))
    return
  }
  const told = await client.read(MessageView, withReveal(path, reveal), { ops: true })
  print(told, asJson === true, () => way(told, true))
}

function traceOf(parent: Command): void {
  const trace = parent
    .command('trace')
    .argument('<number>', 'an id, a reference, a bill of lading, 报关单号, 统一编号 …')
    .description('the history of one message 全程, found by any of its numbers (needs HUB_OPS_KEY)')
    .option(...jsonOption)
  revealing(trace).action((number: string, { json: asJson, ...reveal }: { json?: boolean } & Reveal) =>
    showWay(number, asJson, reveal),
  )
}

/** All that happened to the messages a number speaks of. @throws CliError when it speaks of none */
export async function showWay(number: string, asJson = false, reveal: Reveal = {}): Promise<void> {
  const client = createClient()
  const { messages } = await client.read(FoundMessages, `/ops/search?q=${encodeURIComponent(number)}`, { ops: true })
  if (messages.length === 0)
    throw new CliError(`nothing is known of ${number}; \`hub search\` finds by the beginning of a reference 没有找到`)
  const views: MessageView[] = []
  for (const { messageId } of messages)
    views.push(await client.read(MessageView, withReveal(`/ops/messages/${messageId}`, reveal), { ops: true }))
  print(views.length === 1 ? views[0] : { messages: views }, asJson, () =>
    views.map((one) => way(one, true)).join('\n\n'),
  )
}

/**
 * The place of a receipt in the order of things: one that was made while a try was under way is what came of it, and
 * stands behind its end, though the end was written a moment later.
 */
export function afterItsCause(had: string, attempts: readonly { startedAt: string; endedAt?: string }[]): string {
  const cause = attempts.find(({ startedAt, endedAt }) => endedAt !== undefined && startedAt <= had && had <= endedAt)
  return cause?.endedAt ?? had
}

const underGrants = ({ filedUnder = [] }: OwnMessage | MessageView): string =>
  filedUnder
    .map(({ owner, operation = 'all', company = 'all' }) => `, for ${owner} (grant: ${operation}, ${company})`)
    .join('')

/** Everything that happened, in the order in which the hub came to know it. `ops`: an operator asks. */
function way(told: OwnMessage | MessageView, ops = false): string {
  const attempts = told.submissions.flatMap(({ agency, attempts: all }) =>
    all.map((a) => ({
      at: a.endedAt ?? a.startedAt,
      text: (
        `attempt ${a.attempt} → ${agency}: ${a.outcome ?? 'under way'} ` +
        `${[a.code, a.detail].filter(Boolean).join(' ')}`
      ).trimEnd(),
    })),
  )
  const receipts = told.receipts.map((one) => {
    const [r, back] = 'receipt' in one ? [one.receipt, ` (${one.returnState}, ${one.receipt.receiptId})`] : [one, '']
    // Its id says when the hub had it, but for one of the hub's own, whose id is made of what it is about.
    const had = /^rcp_[0-9A-HJKMNP-TV-Z]{26}$/.test(r.receiptId)
      ? new Date(timeOfId(r.receiptId)).toISOString()
      : r.time
    return {
      at: afterItsCause(had, told.submissions.find(({ agency }) => agency === r.agency)?.attempts ?? []),
      effect: 1,
      text: `${r.stage} receipt ${r.status} ${r.code} ${r.text.zh}${back}`,
    }
  })
  const gone = told.letGo
    ? [
        {
          at: told.letGo.at,
          text:
            told.letGo.archive === undefined
              ? 'bytes deleted: beyond their days'
              : `bytes in the archive: ${told.letGo.archive}`,
        },
      ]
    : []
  const steps: { at: string; text: string; effect?: number }[] = [
    { at: told.receivedAt, text: `received over ${told.channel} from ${told.partnerId}${underGrants(told)}` },
    ...attempts,
    ...receipts,
    ...gone,
  ]
  steps.sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.effect ?? 0) - (b.effect ?? 0))
  const awaited = told.submissions.flatMap((s) =>
    s.awaited
      ? [`  ${s.agency}: an answer is awaited by ${when(s.awaited.by)}${s.awaited.overdue ? ' — it is late' : ''}`]
      : [],
  )
  const waiting = told.submissions.flatMap(({ state, agency, nextAt, attempts: { length } }) => {
    if (state !== 'queued') return []
    const again = length > 0 && nextAt && Date.parse(nextAt) > Date.now() ? `, again from ${when(nextAt)}` : ''
    return [`  ${agency}: waits to be sent${again}${ops ? `; \`hub agency show ${agency}\` says what holds it` : ''}`]
  })
  return [
    `${told.reference}  ${told.state}  ${told.documentType ?? ''} ${told.operation ?? ''}  ${told.messageId} ` +
      ` (${zone})`,
    ...steps.map(({ at, text }) => `  ${when(at)}  ${text}`),
    ...awaited,
    ...waiting,
  ].join('\n')
}
