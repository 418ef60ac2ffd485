// message — one message's whole life: what it says of itself, everything that happened in order, its faults, its bytes.
import { ask } from '../ask.js'
import { h, show, table, toast } from '../dom.js'
import { call, may, mayReveal } from '../live.js'
import { agencyName, namesRead, operationName, partnerName } from '../names.js'
import { said } from '../said.js'
import { save } from '../save.js'
import { clock, one, t } from '../text.js'
import { actName } from './audit.js'

/**
 * @typedef {import('../../../messages/views/index.js').MessageView} MessageView
 * @typedef {import('../../../messages/views/index.js').SubmissionView} SubmissionView
 * @typedef {import('../../../messages/views/index.js').AttemptView} AttemptView
 * @typedef {import('../../../messages/views/index.js').ReceiptView} ReceiptView
 * @typedef {import('../../../messages/views/index.js').AuditView} AuditView
 * @typedef {import('../../../messages/views/index.js').AuditPage} AuditPage
 */
/** @typedef {import('../../../messages/receipt.js').Receipt} Receipt */

/** @type {Record<string, string>} */
const tones = {
  refused: 'bad',
  rejected: 'bad',
  failed: 'bad',
  dead: 'bad',
  unclear: 'bad',
  held: 'watch',
  accepted: 'quiet',
  submitted: 'quiet',
  processing: 'quiet',
  approved: 'good',
  released: 'good',
}
/** @param {string} word a state or a status */
export const state = (word) => h('span', { class: `badge ${tones[word] ?? 'quiet'}`, 'data-state': word }, t(word))

/**
 * A receipt that was made while a try was under way is what came of it: it stands behind its end, though that was
 * written a moment later.
 * @param {string} had
 * @param {AttemptView[]} attempts
 */
function afterItsCause(had, attempts) {
  const cause = attempts.find(({ startedAt, endedAt }) => endedAt && startedAt <= had && had <= endedAt)
  return cause?.endedAt ?? had
}

/**
 * When the hub had a receipt: its id says so. The receipt's own time is the agency's clock.
 * @param {Receipt} receipt
 */
function hadAt({ receiptId, time }) {
  if (!/^rcp_[0-9A-HJKMNP-TV-Z]{26}$/.test(receiptId)) return time
  return new Date(
    [...receiptId.slice(4, 14)].reduce(
      (sum, letter) => sum * 32 + '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(letter),
      0,
    ),
  ).toISOString()
}

/**
 * @param {import('../app.js').Shown} page
 * @param {string} [reason] why values that name persons are shown; else they are hidden
 */
export async function message({ main, rest: [id], again, stillHere }, reason = '') {
  show(main, h('p', { class: 'sparse' }, t('loading')))
  const revealed = reason ? `?${new URLSearchParams({ reveal: 'true', reason })}` : ''
  /** @type {[MessageView, void]} */
  const [found] = await Promise.all([call(`/ops/messages/${encodeURIComponent(id)}${revealed}`), namesRead()])
  /** @type {AuditPage[]} */
  const audits = await Promise.all(found.submissions.map((s) => call(`/ops/audit?target=${s.submissionId}`)))
  const acts = audits.flatMap(({ audit }) => audit)
  if (!stillHere()) return
  const fact = (word, ...value) => [h('dt', {}, t(word)), h('dd', {}, ...value)]
  const bytes = h(
    'details',
    {
      toggle: async () => {
        if (!bytes.open || bytes.querySelector('pre')) return
        const text = await call(`/ops/messages/${encodeURIComponent(id)}/content${revealed}`).catch(
          (error) => error.message,
        )
        bytes.append(h('pre', {}, typeof text === 'string' ? text : JSON.stringify(text, null, 2)))
      },
    },
    h('summary', {}, `${t('bytes')} · ${found.size} B`),
  )
  show(
    main,
    h('h1', {}, found.reference, ' ', state(found.state)),
    h(
      'dl',
      { class: 'facts' },
      fact('document', found.documentType ?? '–'),
      fact(
        'operation',
        found.operation ? [h('span', { class: 'code' }, found.operation), ` ${operationName(found.operation)}`] : '–',
      ),
      fact(
        'partner',
        h('a', { href: `#/partner/${encodeURIComponent(found.partnerId)}` }, found.partnerId),
        ` ${partnerName(found.partnerId)}`,
      ),
      fact('channel', found.channel, found.filename ? ` · ${found.filename}` : ''),
      fact('received', clock(found.receivedAt)),
      found.repeats > 0 ? fact('repeats', `${found.repeats} ${t('times')}`) : null,
      found.filedUnder?.map(({ owner, operation = t('all'), company = t('all') }) =>
        fact(
          'filedUnder',
          h('a', { href: `#/partner/${encodeURIComponent(owner)}` }, owner),
          ` ${partnerName(owner)} · ${operation} · ${company}`,
        ),
      ),
      found.attachments.length > 0
        ? fact('attachments', found.attachments.map((a) => `${a.name} (${a.size} B)`).join(', '))
        : null,
      found.submissions
        .filter((s) => s.awaited)
        .map((s) =>
          fact('awaited', h('span', { class: s.awaited.overdue ? 'bad' : '' }, `${s.agency} · ${clock(s.awaited.by)}`)),
        ),
      fact('messageId', h('span', { class: 'code' }, found.messageId)),
    ),
    found.submissions.length === 0
      ? null
      : [
          h('h2', {}, t('agency')),
          table(
            [t('agency'), t('state'), t('agencyReference'), t('submissionId'), ''],
            found.submissions.map((s) => ({
              cells: [
                h('a', { href: `#/agency/${encodeURIComponent(s.agency)}` }, `${s.agency} ${agencyName(s.agency)}`),
                h('td', {}, state(s.status && s.state === 'submitted' ? s.status : s.state)),
                h('td', { class: 'code' }, s.agencyReference ?? ''),
                h('td', { class: 'code quiet' }, s.submissionId),
                h('td', {}, h('div', { class: 'row-actions' }, deedsOf(s, found.reference, again))),
              ],
            })),
          ),
        ],
    found.faults.length === 0
      ? null
      : [
          h('h2', {}, `${t('faults')} · ${found.faults.length}`),
          table(
            [t('code'), t('path'), { class: 'n', text: t('line') }, t('reason'), t('remedy')],
            found.faults.map((f) => ({
              cells: [
                h('td', { class: 'code' }, f.code),
                h('td', { class: 'code' }, f.path ?? ''),
                h('td', { class: 'n' }, String(f.line ?? '')),
                one(f.text),
                one(f.remedy),
              ],
            })),
          ),
        ],
    h('h2', {}, t('timeline')),
    h('ul', { class: 'line' }, timeline(found, acts, revealed)),
    h(
      'p',
      {},
      h(
        'button',
        {
          type: 'button',
          click: () => save(`/ops/messages/${encodeURIComponent(id)}/content${revealed}`, fileName(found)),
        },
        `${t('download')} · ${t('bytes')}`,
      ),
      ' ',
      personsShown({ main, rest: [id], again, stillHere }, reason),
    ),
    h('p', {}, bytes),
  )
}

/**
 * That names, identity numbers and telephones are hidden, and the way to see them for who may.
 * @param {import('../app.js').Shown} page
 * @param {string} reason
 */
function personsShown(page, reason) {
  if (reason) return h('span', { class: 'quiet' }, t('personsRevealed'))
  if (!mayReveal()) return h('span', { class: 'quiet' }, t('personsHidden'))
  const click = async () => {
    const answer = await ask(t('revealPersons'), { verb: t('revealPersons'), warns: t('revealWarns') })
    if (answer) await message(page, answer.why)
  }
  return [
    h('button', { type: 'button', id: 'reveal', click }, t('revealPersons')),
    ' ',
    h('span', { class: 'quiet' }, t('personsHidden')),
  ]
}

/**
 * Everything with a time, the oldest first.
 * @param {MessageView} found
 * @param {AuditView[]} acts
 * @param {string} revealed
 */
function timeline(found, acts, revealed) {
  /** @type {{ at: string, tone: string, parts: any[], seq?: number }[]} */
  const events = [{ at: found.receivedAt, tone: '', parts: [t('receivedBy', { channel: found.channel })] }]
  for (const { agency, attempts } of found.submissions)
    for (const a of attempts) {
      const outcome = a.outcome ?? '…'
      events.push({
        at: a.endedAt ?? a.startedAt,
        tone:
          outcome === 'submitted' || outcome === 'taken'
            ? 'good'
            : outcome === 'retry'
              ? 'watch'
              : outcome === '…'
                ? ''
                : 'bad',
        parts: [
          `${t('attempt', { n: a.attempt })} → ${agencyName(agency)}: ${t(outcome)} `,
          h('span', { class: 'quiet' }, [a.code, said(a.detail)].filter(Boolean).join(' ')),
        ],
      })
    }
  for (const { receipt, channel, returnState, returnedAt, lastError } of found.receipts)
    events.push({
      at: afterItsCause(
        hadAt(receipt),
        found.submissions.find(({ agency }) => agency === receipt.agency)?.attempts ?? [],
      ),
      seq: 1,
      tone: tones[receipt.status] ?? '',
      parts: [
        h('b', {}, t(receipt.stage)),
        ' ',
        receipt.agency ? agencyName(receipt.agency) : '',
        ' ',
        state(receipt.status),
        ' ',
        h('span', { class: 'code' }, receipt.code),
        ' ',
        one(receipt.text),
        ' ',
        h('span', { class: 'quiet' }, wayBack({ channel, returnState, returnedAt, lastError }, hadAt(receipt))),
        receipt.body
          ? h(
              'details',
              {},
              h('summary', {}, t('body')),
              h('pre', {}, receipt.body.encoding === 'base64' ? decode(receipt.body.content) : receipt.body.content),
            )
          : '',
        (receipt.attachments ?? []).map((file) => attachment(receipt.receiptId, file, revealed)),
      ],
    })
  if (found.letGo)
    events.push({
      at: found.letGo.at,
      tone: '',
      parts: [
        t(found.letGo.archive ? 'archived' : 'deleted'),
        ' ',
        h('span', { class: 'code' }, found.letGo.archive ?? ''),
      ],
    })
  for (const act of acts)
    events.push({
      at: act.at,
      tone: 'watch',
      parts: [`${act.who}: ${actName(act.action) || act.action} — ${act.why}`],
    })
  return events
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.seq ?? 0) - (b.seq ?? 0))
    .map(({ at, tone, parts }) =>
      h('li', { class: tone === 'quiet' ? '' : tone }, h('time', { datetime: at }, clock(at)), parts),
    )
}

/**
 * A file that came with a receipt: saved, never shown.
 * @param {string} receiptId
 * @param {NonNullable<Receipt['attachments']>[number]} file
 * @param {string} revealed
 */
function attachment(receiptId, { name, size, missing }, revealed) {
  if (missing) return h('div', { class: 'bad' }, `${t('attachments')} · ${name} · ${t('notThere')}`)
  const path = `/ops/receipts/${encodeURIComponent(receiptId)}/attachments/${encodeURIComponent(name)}${revealed}`
  return h(
    'div',
    {},
    h('button', { type: 'button', click: () => save(path, name) }, `${t('download')} · ${name} (${size} B)`),
  )
}

/**
 * Where a receipt is on its way to the partner, truly.
 * @param {Pick<ReceiptView, 'channel' | 'returnState' | 'returnedAt' | 'lastError'>} way
 * @param {string} madeAt
 */
function wayBack({ channel, returnState, returnedAt, lastError }, madeAt) {
  if (returnState === 'owed')
    return channel === 'http'
      ? `${t('inMailbox')} ${clock(madeAt)}`
      : [`${t('onItsWay')} ${channel}`, said(lastError)].filter(Boolean).join(' · ')
  return [t(returnState), returnedAt ? clock(returnedAt) : '', said(lastError)].filter(Boolean).join(' ')
}

/**
 * What may be done to a submission as it stands.
 * @param {SubmissionView} submission
 * @param {string} reference of its message
 * @param {() => Promise<void>} again
 */
function deedsOf({ submissionId, state: at }, reference, again) {
  const doings = {
    dead: [
      ['replay', 'replay', {}, 'replayWarns'],
      ['close', 'drop', {}, 'dropWarns'],
    ],
    unclear: [
      ['taken', 'resolve', { decision: 'taken' }, 'takenWarns'],
      ['resend', 'resolve', { decision: 'resend' }, 'resendWarns'],
      ['giveUp', 'resolve', { decision: 'dead' }, 'giveUpWarns'],
    ],
    held: [
      ['send', 'release', { decision: 'send' }, 'sendWarns'],
      ['giveUp', 'release', { decision: 'dead' }, 'giveUpWarns'],
    ],
  }
  const mine = (doings[at] ?? []).filter(([, verb]) => may(`/ops/submissions/${submissionId}/${verb}`))
  return mine.map(([word, verb, more, warns]) => {
    const danger = word === 'resend' || word === 'send'
    const click = async () => {
      const answer = await ask(`${t(word)} · ${reference}`, { verb: t(word), warns: t(warns), danger })
      if (!answer) return
      await call(`/ops/submissions/${submissionId}/${verb}`, { ...answer, ...more })
      toast(t('done'))
      await again()
    }
    return h('button', { type: 'button', class: danger ? 'danger' : '', click }, t(word))
  })
}

/** @param {MessageView} found */
const fileName = ({ filename, messageId }) => filename?.replace(/^.*[/\\]/, '') || `${messageId}.txt`

function decode(content) {
  const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0))
  return new TextDecoder('gb18030').decode(bytes)
}
