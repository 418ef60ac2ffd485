// results — messages found by a number, or by how their reference begins. One alone is opened at once.
import { h, show } from '../dom.js'
import { call } from '../live.js'
import { namesRead } from '../names.js'
import { t } from '../text.js'
import { messageTable } from './messages.js'

const most = 100

/** @param {import('../app.js').Shown} page */
export async function results({ main, rest: [text = ''], stillHere }) {
  show(main, h('p', { class: 'sparse' }, t('loading')))
  /** @type {[import('../../../messages/views/index.js').FoundMessages, void]} */
  const [{ messages: exact }] = await Promise.all([
    call(`/ops/search?limit=${most}&q=${encodeURIComponent(text)}`),
    namesRead(),
  ])
  // No number is exactly this: perhaps it is how one begins.
  /** @type {import('../../../messages/views/index.js').FoundMessages} */
  const { messages } =
    exact.length > 0 || text.length < 2
      ? { messages: exact }
      : await call(`/ops/messages?limit=${most}&referenceStart=${encodeURIComponent(text)}`)
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
    messages.length === 0 ? h('p', { class: 'sparse' }, t('nothing')) : messageTable(messages),
  )
}
