// results — messages found by a number. One alone is opened at once.
import { h, show, table } from '../dom.js'
import { call } from '../live.js'
import { clock, t } from '../text.js'
import { state } from './message.js'

const most = 100

export async function results({ main, rest: [text = ''], stillHere }) {
  show(main, h('p', { class: 'sparse' }, t('loading')))
  const { messages } = await call(`/ops/search?limit=${most}&q=${encodeURIComponent(text)}`)
  if (!stillHere()) return
  if (messages.length === 1) return void location.replace(`#/message/${messages[0].messageId}`)
  show(
    main,
    h('h1', {}, text),
    h(
      'p',
      { class: 'quiet' },
      `${messages.length} ${t('results')}${messages.length < most ? '' : ` · ${t('newestOnly')}`}`,
    ),
    messages.length === 0
      ? h('p', { class: 'sparse' }, t('nothing'))
      : table(
          [t('reference'), t('state'), t('document'), t('operation'), t('partner'), t('channel'), t('received')],
          messages.map((m) => ({
            href: `#/message/${m.messageId}`,
            cells: [
              h('a', { class: 'code', href: `#/message/${m.messageId}` }, m.reference),
              state(m.state),
              m.documentType ?? '',
              m.operation ?? '',
              m.partnerId,
              m.channel,
              clock(m.receivedAt),
            ],
          })),
        ),
  )
}
