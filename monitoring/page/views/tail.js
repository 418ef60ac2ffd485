// tail — messages as they pass, beginning with the last fifty. It follows the newest until somebody scrolls up to read,
// or stops it.
import { h, show } from '../dom.js'
import { on } from '../live.js'
import { said } from '../said.js'
import { clock, t } from '../text.js'

const most = 500
/** @type {Record<TailEvent['event'], string>} */
const tones = {
  accepted: '',
  duplicate: 'quiet',
  refused: 'watch',
  conflict: 'watch',
  submitted: 'good',
  settled: 'good',
  notice: 'good',
  returned: 'quiet',
  retry: 'watch',
  held: 'watch',
  overdue: 'watch',
  orphan: 'watch',
  unclear: 'bad',
  dead: 'bad',
}

/**
 * @typedef {import('../../../messages/views/index.js').TailEvent} TailEvent
 * @typedef {import('../../../messages/views/index.js').SkippedEvents} SkippedEvents
 */

/** @param {import('../app.js').Shown} page */
export function tail({ main }) {
  const box = h('div', { class: 'tail', role: 'log', tabindex: 0, 'aria-label': t('tail') })
  const filter = h('input', { type: 'search', placeholder: t('filter'), 'aria-label': t('filter'), input: sift })
  const stop = h('button', { type: 'button', 'aria-pressed': 'false', click: toggle }, t('pauseLive'))
  let stopped = false
  /** @type {(TailEvent | SkippedEvents)[]} */
  let behind = []
  show(
    main,
    h('h1', {}, t('tail')),
    h('div', { class: 'filters' }, filter, stop),
    h(
      'div',
      { class: 'tail-heads quiet' },
      h('span', {}, t('when')),
      h('span', {}, t('event')),
      h('span', {}, t('details')),
    ),
    box,
  )

  function sift() {
    const wanted = filter.value.trim().toLowerCase()
    for (const row of box.children) row.hidden = wanted !== '' && !row.textContent.toLowerCase().includes(wanted)
  }
  function toggle() {
    stopped = !stopped
    stop.textContent = t(stopped ? 'resumeLive' : 'pauseLive')
    stop.setAttribute('aria-pressed', String(stopped))
    if (!stopped) behind.splice(0).forEach(add)
  }
  /** @param {TailEvent | SkippedEvents} event */
  function add(event) {
    const following = box.scrollHeight - box.scrollTop - box.clientHeight < 40
    box.append('skipped' in event ? h('div', { class: 'quiet' }, `… ${event.skipped} ${t('skipped')}`) : row(event))
    while (box.childElementCount > most) box.firstElementChild.remove()
    sift()
    if (following) box.scrollTop = box.scrollHeight
  }
  return on('tail', (event) => {
    if (!stopped) return add(event)
    behind.push(event)
    behind = behind.slice(-most)
    return undefined
  })
}

/** @param {TailEvent} event */
function row(event) {
  const link = event.messageId?.startsWith('msg_')
    ? h('a', { href: `#/message/${event.messageId}` }, event.reference || event.messageId)
    : (event.reference ?? '')
  const more = [event.partnerId, event.agency, event.operation, event.code, said(event.detail)]
    .filter(Boolean)
    .join(' · ')
  return h(
    'div',
    {},
    h('span', { class: 'quiet' }, clock(event.at)),
    ' ',
    h('span', { class: `event ${tones[event.event] ?? ''}`, title: event.event }, t(event.event)),
    ' ',
    link,
    ' ',
    h('span', { class: 'quiet' }, more),
  )
}
