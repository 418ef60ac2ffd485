// notices — what agencies said first, and to how many it was told.
import { figure, h, show, table } from '../dom.js'
import { call } from '../live.js'
import { clock, t } from '../text.js'

export async function notices({ main, stillHere }) {
  const { notices: found } = await call('/ops/notices')
  if (!stillHere()) return
  show(
    main,
    h('h1', {}, t('notices')),
    found.length === 0
      ? h('p', { class: 'sparse' }, t('nothing'))
      : table(
          [
            t('when'),
            t('agency'),
            t('document'),
            t('operation'),
            t('reference'),
            { class: 'n', text: t('subscribers') },
          ],
          found.map((n) => ({
            cells: [
              clock(n.receivedAt),
              n.agency,
              n.documentType,
              n.operations.join(' '),
              h('td', { class: 'code' }, n.references.slice(0, 3).join(' ')),
              figure(n.deliveries),
            ],
          })),
        ),
  )
}
