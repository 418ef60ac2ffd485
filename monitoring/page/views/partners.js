// partners — who files, when they were last heard of, how much of theirs is refused, and what they have not fetched or
// got back.
import { figure, h, show, table } from '../dom.js'
import { call, on } from '../live.js'
import { clock, count, since, t } from '../text.js'

/** @param {import('../app.js').Shown} page */
export async function partners({ main, stillHere }) {
  show(main, h('p', { class: 'sparse' }, t('loading')))
  /** @type {import('../../../messages/views/index.js').MailboxList} */
  const { mailboxes } = await call('/ops/mailboxes')
  if (!stillHere()) return undefined
  const boxOf = new Map(mailboxes.map((box) => [box.partnerId, box]))
  return on('overview', ({ partners: lines }) => {
    if (main.querySelector('table')?.contains(document.activeElement)) return
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
              { class: 'n', text: t('mailbox') },
              { class: 'n', text: t('oldestInMailbox') },
              { class: 'n', text: t('undelivered') },
            ],
            lines.map((line) => {
              const box = boxOf.get(line.partnerId)
              return {
                href: `#/partner/${encodeURIComponent(line.partnerId)}`,
                cells: [
                  h(
                    'td',
                    {},
                    h('a', { href: `#/partner/${encodeURIComponent(line.partnerId)}` }, line.partnerId),
                    ' ',
                    line.disabled ? h('span', { class: 'badge quiet' }, t('disabled')) : '',
                  ),
                  line.name,
                  clock(line.lastSeen),
                  figure(count(line.accepted + line.refused)),
                  figure(share(line), line.refused > line.accepted ? 'bad' : ''),
                  figure(count(box?.waiting ?? 0), 'watch'),
                  figure(box ? since(box.oldestAt) : '–'),
                  figure(count(line.undelivered), 'watch'),
                ],
              }
            }),
          ),
    )
  })
}
