// tail — messages as they pass. It follows the newest until somebody scrolls up to read.
import { h, show } from '../dom.js'
import { on } from '../live.js'
import { clock, t } from '../text.js'

const most = 500
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

export function tail({ main }) {
  const box = h('div', { class: 'tail', role: 'log' })
  show(main, h('h1', {}, t('tail')), box)
  return on('tail', (event) => {
    const following = box.scrollHeight - box.scrollTop - box.clientHeight < 40
    if ('skipped' in event) box.append(h('div', { class: 'quiet' }, `… ${event.skipped} ${t('skipped')}`))
    else {
      const link = event.messageId?.startsWith('msg_')
        ? h('a', { href: `#/message/${event.messageId}` }, event.reference || event.messageId)
        : (event.reference ?? '')
      box.append(
        h(
          'div',
          {},
          h('span', { class: 'quiet' }, clock(event.at), ' '),
          h('span', { class: tones[event.event] ?? '' }, event.event.padEnd(10)),
          ' ',
          link,
          ' ',
          h(
            'span',
            { class: 'quiet' },
            [event.partnerId, event.agency, event.operation, event.code, event.detail].filter(Boolean).join(' · '),
          ),
        ),
      )
    }
    while (box.childElementCount > most) box.firstElementChild.remove()
    if (following) box.scrollTop = box.scrollHeight
  })
}
