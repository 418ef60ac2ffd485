// audit — who did what, and why.
import { h, show, table } from '../dom.js'
import { call } from '../live.js'
import { clock, t } from '../text.js'

export async function audit({ main, stillHere }) {
  const { audit: found } = await call('/ops/audit')
  if (!stillHere()) return
  show(
    main,
    h('h1', {}, t('audit')),
    found.length === 0
      ? h('p', { class: 'sparse' }, t('nothing'))
      : table(
          [t('when'), t('who'), t('action'), t('target'), t('reason')],
          found.map((entry) => ({
            cells: [
              clock(entry.at),
              entry.who,
              h('td', { class: 'code' }, entry.action),
              h('td', { class: 'code' }, entry.target),
              entry.why,
            ],
          })),
        ),
  )
}
