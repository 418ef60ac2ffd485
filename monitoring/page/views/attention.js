// attention — what needs a person: dead letters, unclear and held submissions, late answers, orphans, undelivered
// receipts; and the acts, for one or for many at once.
import { ask } from '../ask.js'
import { h, show, table, toast } from '../dom.js'
import { call, may, on } from '../live.js'
import { agencyName, namesRead, partnerName } from '../names.js'
import { said } from '../said.js'
import { clock, count, since, t } from '../text.js'

/**
 * @typedef {import('../../../messages/views/index.js').Overview} Overview
 * @typedef {import('../../../messages/views/index.js').AttentionView} AttentionView
 * @typedef {import('../../../messages/views/index.js').AttentionList} AttentionList
 * @typedef {import('../../../messages/views/index.js').OrphanView} OrphanView
 * @typedef {import('../../../messages/views/index.js').HeldAnswerView} HeldAnswerView
 * @typedef {import('../../../messages/views/index.js').SharedKeyView} SharedKeyView
 * @typedef {import('../../../messages/views/index.js').ReceiptView} ReceiptView
 * @typedef {import('../../../messages/views/index.js').MessagePage} MessagePage
 * @typedef {import('../../../messages/views/index.js').MessageView} MessageView
 */
/**
 * @typedef {AttentionView | OrphanView | HeldAnswerView | SharedKeyView | ReceiptView} Item what needs a person
 * @typedef {{ heads: () => string[], cells: (item: Item) => any[], href: (item: Item) => string | undefined }} Columns
 */

/** @type {(keyof Overview['attention'])[]} */
const kinds = ['dead', 'unclear', 'held', 'overdue', 'heldAnswers', 'orphans', 'sharedKeys', 'undelivered']

/**
 * `only`: one kind; `of`: one agency.
 * @param {import('../app.js').Shown} page
 */
export async function attention({ main, rest: [only, of = ''], again, stillHere }) {
  show(main, h('p', { class: 'sparse' }, t('loading')))
  const one = kinds.find((kind) => kind === only)
  const wanted = one ? [one] : kinds
  /** @type {[Overview, { kind: keyof Overview['attention'], items: Item[] }[], void]} */
  const [{ attention: all }, lists] = await Promise.all([
    call('/overview'),
    Promise.all(wanted.map(async (kind) => ({ kind, items: await read(kind, of) }))),
    namesRead(),
  ])
  if (!stillHere()) return undefined
  const parts = lists.filter(({ items }) => items.length > 0 || wanted.length === 1)
  // Read again when the counts change, but not from under a hand: a ticked box, an open dialog or a focused row stays.
  const asRead = JSON.stringify(all)
  const busy = () =>
    document.querySelector('dialog[open]') ||
    main.querySelector('input:checked, details[open]') ||
    main.querySelector('table')?.contains(document.activeElement)
  const leave = on('overview', ({ attention: now }) => {
    if (JSON.stringify(now) !== asRead && !busy() && stillHere()) void again()
  })
  show(
    main,
    h('h1', {}, t('attention'), of ? ` · ${agencyName(of)}` : ''),
    wanted.length === 1 || of ? h('p', {}, h('a', { href: '#/attention' }, `← ${t('attention')}`)) : null,
    parts.length === 0 ? h('p', { class: 'sparse good' }, t('flowing')) : null,
    parts.map(({ kind, items }) =>
      h(
        'section',
        { 'data-kind': kind },
        h('h2', {}, `${t(kind)} · ${count(of ? items.length : Math.max(all[kind], items.length))}`),
        h(
          'p',
          { class: 'quiet' },
          t(`${kind}Text`),
          !of && all[kind] > items.length ? ` ${t('notAll', { n: items.length })}` : '',
        ),
        items.length === 0 ? h('p', { class: 'sparse' }, t('nothing')) : withDeeds(kind, items, again),
      ),
    ),
  )
  return leave
}

/**
 * @param {keyof Overview['attention']} kind
 * @param {string} of an agency; empty: all
 * @returns {Promise<Item[]>}
 */
async function read(kind, of) {
  const which = of ? `&agency=${encodeURIComponent(of)}` : ''
  /** @param {{ agency: string }} item */
  const ofIt = ({ agency }) => !of || agency === of
  if (kind === 'orphans') return (await call('/ops/orphans')).orphans.filter(ofIt)
  if (kind === 'heldAnswers') return (await call('/ops/answers/held')).answers.filter(ofIt)
  if (kind === 'sharedKeys') return (await call('/ops/shared-keys')).sharedKeys.filter(ofIt)
  if (kind === 'undelivered') return of ? [] : (await call('/ops/receipts/undelivered')).undelivered
  return (await call(`/ops/${kind}?limit=100${which}`)).submissions
}

const submission = (verb, decision) => (item) => ({
  path: `/ops/submissions/${item.submissionId}/${verb}`,
  with: decision === undefined ? {} : { decision },
})

/** What may be done to each kind: the word on the button, the sentence that says what it leads to, and the call. */
const acts = {
  dead: [
    { word: 'replay', warns: 'replayWarns', call: submission('replay') },
    { word: 'close', warns: 'dropWarns', call: submission('drop') },
  ],
  unclear: [
    { word: 'taken', warns: 'takenWarns', call: submission('resolve', 'taken') },
    { word: 'resend', warns: 'resendWarns', danger: true, call: submission('resolve', 'resend') },
    { word: 'giveUp', warns: 'giveUpWarns', call: submission('resolve', 'dead') },
  ],
  held: [
    { word: 'send', warns: 'sendWarns', danger: true, call: submission('release', 'send') },
    { word: 'giveUp', warns: 'giveUpWarns', call: submission('release', 'dead') },
  ],
  overdue: [],
  orphans: [
    {
      word: 'match',
      warns: 'matchWarns',
      alone: true,
      extra: candidates,
      call: (item) => ({ path: `/ops/orphans/${item.replyId}/match`, with: {} }),
    },
    {
      word: 'drop',
      warns: 'orphanDropWarns',
      call: (item) => ({ path: `/ops/orphans/${item.replyId}/drop`, with: {} }),
    },
  ],
  heldAnswers: [
    {
      word: 'match',
      warns: 'matchWarns',
      alone: true,
      extra: candidates,
      call: (item) => ({ path: `/ops/orphans/${item.replyId}/match`, with: {} }),
    },
    {
      word: 'notOurs',
      warns: 'notOursWarns',
      call: (item) => ({ path: `/ops/answers/${item.replyId}/release`, with: {} }),
    },
  ],
  sharedKeys: [
    {
      word: 'lookedInto',
      warns: 'lookedIntoWarns',
      call: (item) => ({ path: `/ops/shared-keys/${item.id}/close`, with: {} }),
    },
  ],
  undelivered: [
    {
      word: 'resend',
      warns: 'resendReceiptWarns',
      call: ({ receipt }) => ({ path: `/ops/receipts/${receipt.receiptId}/resend`, with: {} }),
    },
  ],
}

/** @param {Item} item */
function nameOf(item) {
  if ('reference' in item) return item.reference
  if ('receipt' in item) return item.receipt.reference
  return 'key' in item ? item.key.value : item.replyId
}

/**
 * One kind's table, with a box before each row and a bar that does one act to all that are ticked.
 * @param {keyof Overview['attention']} kind
 * @param {Item[]} items
 * @param {() => Promise<void>} again
 */
function withDeeds(kind, items, again) {
  // The same for all of a kind, so that one shows it.
  const doings = acts[kind].filter((doing) => items.length > 0 && may(doing.call(items[0]).path))
  const many = doings.filter(({ alone }) => !alone)
  const boxes = items.map((item) =>
    h('input', { type: 'checkbox', 'aria-label': `${t('selectOne')} ${nameOf(item)}`, change: tell }),
  )
  const bar = h('div', { class: 'bulk row', hidden: true })
  const every = h('input', {
    type: 'checkbox',
    'aria-label': t('selectAll'),
    change: () => {
      for (const box of boxes) box.checked = every.checked
      tell()
    },
  })
  const ticked = () => items.filter((_, i) => boxes[i].checked)
  function tell() {
    const n = ticked().length
    bar.hidden = n === 0
    show(
      bar,
      h('span', {}, t('selected', { n })),
      many.map((doing) => button(doing, () => act(doing, ticked()))),
    )
  }
  async function act(doing, chosen) {
    const title = `${t(doing.word)} · ${chosen.length === 1 ? nameOf(chosen[0]) : t('selected', { n: chosen.length })}`
    const extra = doing.extra ? await doing.extra(chosen[0]) : {}
    const answer = await ask(title, { verb: t(doing.word), warns: t(doing.warns), danger: doing.danger, extra })
    if (!answer) return
    let failed = 0
    /** @type {Error | undefined} */
    let last
    for (const item of chosen) {
      const { path, with: more } = doing.call(item)
      await call(path, { ...answer, ...more }).catch((error) => (failed++, (last = error)))
    }
    if (chosen.length === 1 && last) toast(last.message)
    else toast(chosen.length === 1 ? t('done') : t('doneOf', { done: chosen.length - failed, failed }))
    await again()
  }
  const actions = (item) =>
    h(
      'td',
      {},
      h(
        'div',
        { class: 'row-actions' },
        doings.map((doing) => button(doing, () => act(doing, [item]))),
      ),
    )
  const { heads, cells, href } = /** @type {Columns} */ (columns[kind])
  return [
    bar,
    table(
      [...(many.length > 0 ? [{ text: every }] : []), ...heads(), ''],
      items.map((item, i) => ({
        href: href(item),
        cells: [...(many.length > 0 ? [h('td', {}, boxes[i])] : []), ...cells(item), actions(item)],
      })),
    ),
  ]
}

const button = ({ word, danger }, click) =>
  h('button', { type: 'button', class: danger ? 'danger' : '', click }, t(word))

/** @param {OrphanView | HeldAnswerView} item */
const keysOf = ({ keys }) => keys.map(({ name, value }) => `${name}=${value}`).join(' ')
/** @param {string} iso */
const waits = (iso) => h('td', { class: 'nowrap', title: clock(iso) }, since(iso))
const submissions = {
  heads: () => [t('reference'), t('document'), t('partner'), t('agency'), t('when'), t('waitsFor'), t('reason')],
  /** @param {AttentionView} item */
  href: (item) => `#/message/${item.messageId}`,
  /** @param {AttentionView} item */
  cells: (item) => [
    h('td', { class: 'code wide' }, h('a', { href: `#/message/${item.messageId}` }, item.reference)),
    item.documentType,
    h(
      'a',
      { href: `#/partner/${encodeURIComponent(item.partnerId)}`, title: partnerName(item.partnerId) },
      item.partnerId,
    ),
    h('a', { href: `#/agency/${encodeURIComponent(item.agency)}`, title: agencyName(item.agency) }, item.agency),
    h('td', { class: 'nowrap' }, clock(item.since)),
    waits(item.since),
    h('td', {}, reasonOf(item)),
  ],
}

/**
 * Everything that is known of why, each part by itself.
 * @param {AttentionView} item
 */
function reasonOf({ code, detail, awaited, original }) {
  const parts = [
    code ? h('span', { class: 'code' }, code) : null,
    detail ? said(detail) : null,
    awaited ? `${t('awaited')} ${clock(awaited.by)}` : null,
    original
      ? [`${t('original')} `, h('a', { class: 'code', href: `#/message/${original.messageId}` }, original.reference)]
      : null,
  ].filter((part) => part !== null)
  return parts.flatMap((part, i) => (i === 0 ? [part] : [' · ', part]))
}

const columns = {
  dead: submissions,
  unclear: submissions,
  held: submissions,
  overdue: submissions,
  orphans: {
    heads: () => [t('agency'), t('when'), t('waitsFor'), t('code'), t('size'), t('body')],
    href: () => undefined,
    /** @param {OrphanView} item */
    cells: (item) => [
      h('a', { href: `#/agency/${encodeURIComponent(item.agency)}` }, item.agency),
      h('td', { class: 'nowrap' }, clock(item.receivedAt)),
      waits(item.receivedAt),
      h('td', { class: 'code wide' }, item.damaged ? `HUB_BYTES_DAMAGED ${item.submissionId ?? ''}` : keysOf(item)),
      `${count(item.size)} B`,
      h('td', {}, h('details', {}, h('summary', {}, item.replyId), h('pre', {}, item.head))),
    ],
  },
  heldAnswers: {
    heads: () => [t('agency'), t('when'), t('waitsFor'), t('document'), t('code'), t('size')],
    href: () => undefined,
    /** @param {HeldAnswerView} item */
    cells: (item) => [
      h('a', { href: `#/agency/${encodeURIComponent(item.agency)}` }, item.agency),
      h('td', { class: 'nowrap' }, clock(item.receivedAt)),
      waits(item.receivedAt),
      item.documentTypes.join(' '),
      h('td', { class: 'code wide' }, keysOf(item)),
      `${count(item.size)} B`,
    ],
  },
  sharedKeys: {
    heads: () => [t('agency'), t('when'), t('code'), t('partner')],
    href: () => undefined,
    /** @param {SharedKeyView} item */
    cells: (item) => [
      h('a', { href: `#/agency/${encodeURIComponent(item.agency)}` }, item.agency),
      h('td', { class: 'nowrap' }, clock(item.since)),
      h('td', { class: 'code wide' }, `${item.key.name}=${item.key.value}`),
      h(
        'td',
        {},
        item.candidates.map(({ messageId, partnerId, documentType }, i) => [
          i === 0 ? '' : ' · ',
          h('a', { href: `#/message/${messageId}` }, `${partnerId} ${documentType}`),
        ]),
      ),
    ],
  },
  undelivered: {
    heads: () => [t('reference'), t('partner'), t('channel'), t('when'), t('waitsFor'), t('reason')],
    /** @param {ReceiptView} item */
    href: ({ receipt }) => (receipt.stage === 'notice' ? undefined : `#/message/${receipt.messageId}`),
    /** @param {ReceiptView} item */
    cells: ({ receipt, partnerId, channel, lastError }) => [
      h('td', { class: 'code wide' }, receipt.reference),
      h('a', { href: `#/partner/${encodeURIComponent(partnerId)}` }, partnerId),
      channel,
      h('td', { class: 'nowrap' }, clock(receipt.time)),
      waits(receipt.time),
      said(lastError) ?? '',
    ],
  },
}

/**
 * Whose answer it may be: what is unclear at that agency, then what awaits an answer, the newest first.
 * @param {OrphanView | HeldAnswerView} item
 */
async function candidates({ agency }) {
  const which = `agency=${encodeURIComponent(agency)}`
  /** @type {[AttentionList, MessagePage]} */
  const [{ submissions: unclear }, { messages }] = await Promise.all([
    call(`/ops/unclear?limit=50&${which}`),
    call(`/ops/messages?limit=20&state=submitted&${which}`),
  ])
  /** @type {MessageView[]} */
  const awaiting = await Promise.all(messages.map(({ messageId }) => call(`/ops/messages/${messageId}`)))
  const choices = [
    ...unclear.map((s) => [s.submissionId, `${t('unclear')} · ${s.reference} · ${s.partnerId} · ${clock(s.since)}`]),
    ...awaiting.flatMap((m) =>
      m.submissions
        .filter((s) => s.agency === agency)
        .map((s) => [s.submissionId, `${t('submitted')} · ${m.reference} · ${m.partnerId} · ${clock(m.receivedAt)}`]),
    ),
  ]
  return { submissionId: { label: choices.length > 0 ? t('candidates') : t('whose'), choices } }
}
