// sessions — where an account is signed in: one's own, or for admins another's; and how to end them.
import { ask } from '../ask.js'
import { h, show, table, toast } from '../dom.js'
import { call, may, me, remove } from '../live.js'
import { clock, t } from '../text.js'

/** @typedef {import('../../../messages/views/index.js').SessionList} Sessions */

export async function sessions({ main, rest: [whose], stillHere, again }) {
  show(main, h('p', { class: 'sparse' }, t('loading')))
  const own = !whose || whose === me()?.name
  const path = own ? '/ops/me/sessions' : `/ops/operators/${encodeURIComponent(whose)}/sessions`
  /** @type {Sessions} */
  const { name, sessions: all } = await call(path)
  if (!stillHere()) return

  /** @param {string} from */
  async function end(from) {
    await remove(from)
    toast(t('done'))
    await again()
  }
  /** @param {string} id */
  const endOne = (id) => async () => {
    if (own) return end(`${path}/${id}`)
    const answer = await ask(`${t('endSession')} · ${name}`, { verb: t('endSession'), danger: true })
    if (answer) await end(`${path}/${id}?${new URLSearchParams({ why: answer.why })}`)
  }

  show(
    main,
    h('h1', {}, own ? t('ownSessions') : `${t('sessions')} · ${name}`),
    own && all.some(({ current }) => !current)
      ? h(
          'div',
          { class: 'row' },
          h('button', { type: 'button', class: 'danger', click: () => end(path) }, t('endOtherSessions')),
        )
      : null,
    all.length === 0
      ? h('p', { class: 'sparse' }, t('noSessions'))
      : table(
          [t('browser'), t('address'), t('signedInBy'), t('begun'), t('lastUsed'), t('endsAt'), ''],
          all.map((one) => ({
            key: one.id,
            cells: [
              h(
                'td',
                { title: one.browser },
                browserName(one.browser),
                ' ',
                one.current ? h('span', { class: 'badge good' }, t('thisSession')) : '',
              ),
              h('td', { class: 'code' }, one.address),
              t(`signsInBy_${one.by}`),
              h('td', { class: 'nowrap' }, clock(one.since)),
              h('td', { class: 'nowrap' }, clock(one.seen)),
              h('td', { class: 'nowrap' }, clock(one.until)),
              h(
                'td',
                {},
                one.current || !may(`${path}/${one.id}`, 'DELETE')
                  ? ''
                  : h(
                      'div',
                      { class: 'row-actions' },
                      h('button', { type: 'button', class: 'danger', click: endOne(one.id) }, t('endSession')),
                    ),
              ),
            ],
          })),
        ),
  )
}

const browsers = { Edg: 'Edge', OPR: 'Opera', Firefox: 'Firefox', Chrome: 'Chrome', Safari: 'Safari' }
const systems = { Android: 'Android', iPhone: 'iOS', iPad: 'iOS', Windows: 'Windows', Mac: 'macOS', Linux: 'Linux' }

/**
 * The browser and its system in two words; what says something else in its own first words.
 * @param {string} text User-Agent
 */
function browserName(text) {
  const found = (/** @type {Record<string, string>} */ names) =>
    Object.entries(names).find(([mark]) => text.includes(mark))?.[1]
  return [found(browsers), found(systems)].filter(Boolean).join(' · ') || text.slice(0, 40) || '–'
}
