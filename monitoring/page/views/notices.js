// notices — what agencies said first, and to how many it was told.
import { figure, h, show, table } from '../dom.js'
import { call } from '../live.js'
import { agencyName, namesRead, operationName } from '../names.js'
import { clock, t } from '../text.js'

/** @param {import('../app.js').Shown} page */
export async function notices({ main, stillHere }) {
  /** @type {[import('../../../messages/views/index.js').NoticeList, void]} */
  const [{ notices: found }] = await Promise.all([call('/ops/notices'), namesRead()])
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
              h('td', { class: 'nowrap' }, clock(n.receivedAt)),
              h('a', { href: `#/agency/${encodeURIComponent(n.agency)}` }, agencyName(n.agency)),
              n.documentType,
              n.operations.map((code) => `${code} ${operationName(code)}`).join(', '),
              h('td', { class: 'code' }, n.references.slice(0, 3).join(' ')),
              figure(n.deliveries),
            ],
          })),
        ),
  )
}
