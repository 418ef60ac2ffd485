// attention — what needs a person: dead letters, unclear and held submissions, late answers, orphans, undelivered receipts; and the deeds.
import { ask } from '../ask.js'
import { h, show, table, toast } from '../dom.js'
import { call } from '../live.js'
import { clock, count, t } from '../text.js'

const kinds = ['dead', 'unclear', 'held', 'overdue', 'orphans', 'undelivered']

export async function attention({ main, rest: [only], again, stillHere }) {
  show(main, h('p', { class: 'sparse' }, t('loading')))
  const wanted = kinds.includes(only) ? [only] : kinds
  const [{ attention: all }, ...found] = await Promise.all([
    call('/overview'),
    ...wanted.map(async (kind) => [kind, await read(kind)]),
  ])
  if (!stillHere()) return
  const deed = (path, body) => async () => {
    const answer = await ask(body.title, body.extra)
    if (!answer) return
    await call(path, { ...answer, ...body.with })
    toast(t('done'))
    await again()
  }
  const parts = found.filter(([, items]) => items.length > 0 || wanted.length === 1)
  show(
    main,
    h('h1', {}, t('attention')),
    h('div', { class: 'tiles' }, wanted.length === 1 ? h('a', { href: '#/attention' }, `← ${t('attention')}`) : null),
    parts.length === 0 ? h('p', { class: 'sparse good' }, t('flowing')) : null,
    parts.map(([kind, items]) =>
      h(
        'section',
        { 'data-kind': kind },
        h('h2', {}, `${t(kind)} · ${count(Math.max(all[kind], items.length))}`),
        h(
          'p',
          { class: 'quiet' },
          t(`${kind}Text`),
          all[kind] > items.length ? ` ${t('notAll', { n: items.length })}` : '',
        ),
        items.length === 0 ? h('p', { class: 'sparse' }, t('nothing')) : lists[kind](items, deed),
      ),
    ),
  )
}

async function read(kind) {
  if (kind === 'orphans') return (await call('/ops/orphans')).orphans
  if (kind === 'undelivered') return (await call('/ops/receipts/undelivered')).undelivered
  return (await call(`/ops/${kind}`)).submissions
}

const button = (word, click, tone = '') => h('button', { type: 'button', class: tone, click }, t(word))
const actions = (...buttons) => h('td', {}, h('div', { class: 'row-actions' }, buttons))

/** A table of submissions with what may be done to each. */
const submissions = (doings) => (items, deed) =>
  table(
    [t('reference'), t('document'), t('partner'), t('agency'), t('when'), t('reason'), ''],
    items.map((item) => ({
      href: `#/message/${item.messageId}`,
      cells: [
        h('a', { href: `#/message/${item.messageId}`, class: 'code' }, item.reference),
        item.documentType,
        item.partnerId,
        item.agency,
        clock(item.since),
        h(
          'td',
          {},
          item.code ? h('span', { class: 'code' }, item.code) : '',
          ' ',
          item.detail ?? '',
          item.awaited ? `${t('awaited')} ${clock(item.awaited.by)}` : '',
        ),
        actions(doings(item, deed)),
      ],
    })),
  )

const path = ({ submissionId }, verb) => `/ops/submissions/${submissionId}/${verb}`
const lists = {
  dead: submissions((item, deed) => [
    button('replay', deed(path(item, 'replay'), { title: `${t('replay')} · ${item.reference}` })),
    button('close', deed(path(item, 'drop'), { title: `${t('close')} · ${item.reference}` })),
  ]),
  unclear: submissions((item, deed) => [
    button(
      'taken',
      deed(path(item, 'resolve'), { title: `${t('taken')} · ${item.reference}`, with: { decision: 'taken' } }),
    ),
    button(
      'resend',
      deed(path(item, 'resolve'), { title: `${t('resend')} · ${item.reference}`, with: { decision: 'resend' } }),
      'danger',
    ),
    button(
      'giveUp',
      deed(path(item, 'resolve'), { title: `${t('giveUp')} · ${item.reference}`, with: { decision: 'dead' } }),
    ),
  ]),
  held: submissions((item, deed) => [
    button(
      'send',
      deed(path(item, 'release'), { title: `${t('send')} · ${item.reference}`, with: { decision: 'send' } }),
    ),
    button(
      'giveUp',
      deed(path(item, 'release'), { title: `${t('giveUp')} · ${item.reference}`, with: { decision: 'dead' } }),
    ),
  ]),
  overdue: submissions(() => []),
  orphans: (items, deed) =>
    table(
      [t('agency'), t('when'), t('code'), t('size'), t('body'), ''],
      items.map((item) => ({
        cells: [
          item.agency,
          clock(item.receivedAt),
          h('td', { class: 'code' }, item.keys.map(({ name, value }) => `${name}=${value}`).join(' ')),
          String(item.size),
          h('td', {}, h('details', {}, h('summary', {}, item.replyId), h('pre', {}, item.head))),
          actions(
            button(
              'match',
              deed(`/ops/orphans/${item.replyId}/match`, { title: t('match'), extra: { submissionId: t('whose') } }),
            ),
            button('drop', deed(`/ops/orphans/${item.replyId}/drop`, { title: t('drop') })),
          ),
        ],
      })),
    ),
  undelivered: (items, deed) =>
    table(
      [t('reference'), t('partner'), t('channel'), t('when'), t('reason'), ''],
      items.map(({ receipt, partnerId, channel, lastError }) => ({
        href: receipt.stage === 'notice' ? undefined : `#/message/${receipt.messageId}`,
        cells: [
          h('td', { class: 'code' }, receipt.reference),
          partnerId,
          channel,
          clock(receipt.time),
          lastError ?? '',
          actions(
            button(
              'resend',
              deed(`/ops/receipts/${receipt.receiptId}/resend`, { title: `${t('resend')} · ${receipt.receiptId}` }),
            ),
          ),
        ],
      })),
    ),
}
