// messages — every partner's messages by date, state, partner, agency, operation and the beginning of a reference; page
// by page, or as CSV.
import { filtersOf, h, show, table } from '../dom.js'
import { call, me, latest } from '../live.js'
import { agencies, namesRead, operationName, operations } from '../names.js'
import { save } from '../save.js'
import { clock, t } from '../text.js'
import { state } from './message.js'

const states = [
  'refused',
  'accepted',
  'held',
  'submitted',
  'processing',
  'approved',
  'released',
  'rejected',
  'unclear',
  'failed',
]
const perPage = 50

/**
 * @typedef {import('../../../messages/views/index.js').MessagePage} MessagePage
 * @typedef {import('../../../messages/views/index.js').MessageSummary} MessageSummary
 */

/**
 * The address keeps what was asked: it can be sent to a colleague.
 * @param {import('../app.js').Shown} page
 */
export async function messages({ main, rest: [asked = ''], stillHere }) {
  await namesRead()
  if (!stillHere()) return
  /** @type {any} */
  const filter = Object.fromEntries(new URLSearchParams(asked))
  // Who is limited to agencies looks at one of them.
  const [own] = me()?.agencies ?? []
  if (own !== undefined) filter.agency ??= own
  const field = (name, attributes = {}) =>
    h('input', {
      name,
      value: filter[name] ?? '',
      'aria-label': t(attributes.label ?? name),
      ...attributes,
      label: null,
    })
  const choose = (name, label, choices) =>
    h(
      'select',
      { name, 'aria-label': label },
      h('option', { value: '' }, label),
      choices.map(([value, text]) => h('option', { value, selected: filter[name] === value }, text)),
    )
  const form = h(
    'form',
    {
      class: 'filters',
      role: 'search',
      submit: (event) => {
        event.preventDefault()
        location.hash = `#/messages/${encodeURIComponent(filtersOf(form))}`
      },
    },
    h('label', {}, t('from'), field('from', { type: 'date' })),
    h('label', {}, t('to'), field('to', { type: 'date' })),
    field('begins', { type: 'search', placeholder: t('begins'), minlength: 2 }),
    choose(
      'state',
      t('state'),
      states.map((one) => [one, t(one)]),
    ),
    choose(
      'partner',
      t('allPartners'),
      (latest?.partners ?? []).map((p) => [p.partnerId, `${p.partnerId} ${p.name}`]),
    ),
    choose(
      'agency',
      t('allAgencies'),
      agencies().map(([code, name]) => [code, `${code} ${name}`]),
    ),
    field('operation', { placeholder: t('operation'), list: 'operations' }),
    h(
      'datalist',
      { id: 'operations' },
      operations().map(([code, name]) => h('option', { value: code }, name)),
    ),
    h('button', { class: 'primary' }, t('find')),
    h('button', { type: 'button', click: () => save(`/ops/messages.csv?${query(filter)}`, 'messages.csv') }, t('csv')),
  )
  const list = h('div', {}, h('p', { class: 'sparse' }, t('loading')))
  show(main, h('h1', {}, t('browse')), form, list)

  /** @type {MessageSummary[]} */
  const rows = []
  /** @param {string} [cursor] */
  async function read(cursor) {
    const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
    /** @type {MessagePage} */
    const page = await call(`/ops/messages?limit=${perPage}&${query(filter)}${more}`)
    if (!stillHere()) return
    rows.push(...page.messages)
    show(
      list,
      page.more ? h('p', { class: 'watch' }, t('tooMany')) : null,
      rows.length === 0 ? h('p', { class: 'sparse' }, t('nothing')) : messageTable(rows),
      page.cursor ? h('p', {}, h('button', { type: 'button', click: () => read(page.cursor) }, t('more'))) : null,
    )
  }
  await read()
}

/** @param {MessageSummary[]} found */
export const messageTable = (found) =>
  table(
    [t('received'), t('reference'), t('state'), t('document'), t('operation'), t('partner'), t('channel')],
    found.map((m) => ({
      href: `#/message/${m.messageId}`,
      cells: [
        h('td', { class: 'nowrap' }, clock(m.receivedAt)),
        h('td', { class: 'code wide' }, h('a', { href: `#/message/${m.messageId}` }, m.reference)),
        state(m.state),
        m.documentType ?? '',
        h('td', { title: m.operation }, m.operation ? `${m.operation} ${operationName(m.operation)}` : ''),
        h('a', { href: `#/partner/${encodeURIComponent(m.partnerId)}` }, m.partnerId),
        m.channel,
      ],
    })),
  )

/** Days are Beijing's; the last counts whole. */
function query({ from, to, begins, state: one, partner, agency, operation }) {
  const day = (text, days) => text && new Date(Date.parse(`${text}T00:00:00+08:00`) + days * 86_400_000).toISOString()
  const given = {
    since: day(from, 0),
    until: day(to, 1),
    referenceStart: begins,
    state: one,
    partnerId: partner,
    agency,
    operation: operation?.split(' ')[0],
  }
  return new URLSearchParams(Object.entries(given).filter(([, value]) => value)).toString()
}
