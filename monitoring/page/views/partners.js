// partners — who files, when they were last heard of, how much of theirs is refused, and what they have not got back.
import { figure, h, show, table } from '../dom.js'
import { on } from '../live.js'
import { clock, count, t } from '../text.js'

export function partners({ main }) {
  show(main, h('p', { class: 'sparse' }, t('loading')))
  return on('overview', ({ partners: lines }) => {
    const share = ({ accepted, refused }) =>
      accepted + refused === 0 ? '–' : `${((100 * refused) / (accepted + refused)).toFixed(1)} %`
    show(
      main,
      h('h1', {}, t('partners')),
      lines.length === 0
        ? h('p', { class: 'sparse' }, t('nothing'))
        : table(
            [
              t('partner'),
              t('name'),
              t('lastSeen'),
              { class: 'n', text: t('messages') },
              { class: 'n', text: t('refusedShare') },
              { class: 'n', text: t('undelivered') },
            ],
            lines.map((line) => ({
              cells: [
                h(
                  'td',
                  {},
                  h('b', {}, line.partnerId),
                  ' ',
                  line.disabled ? h('span', { class: 'badge quiet' }, t('disabled')) : '',
                ),
                line.name,
                clock(line.lastSeen),
                figure(count(line.accepted + line.refused)),
                figure(share(line), line.refused > line.accepted ? 'bad' : ''),
                figure(count(line.undelivered), 'watch'),
              ],
            })),
          ),
    )
  })
}
