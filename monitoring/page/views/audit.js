// audit — who did what, and why; by operator, by act, by what it was done to.
import { filtersOf, h, show, table } from '../dom.js'
import { call } from '../live.js'
import { clock, t } from '../text.js'

const perPage = 100

/**
 * @typedef {import('../../../messages/views/index.js').AuditPage} AuditPage
 * @typedef {import('../../../messages/views/index.js').AuditView} AuditView
 */

/** @param {import('../app.js').Shown} page */
export async function audit({ main, rest: [asked = ''], stillHere }) {
  /** @type {Record<string, string>} */
  const filter = Object.fromEntries(new URLSearchParams(asked))
  const field = (name) =>
    h('input', { name, value: filter[name] ?? '', placeholder: t(name), 'aria-label': t(name), type: 'search' })
  const form = h(
    'form',
    {
      class: 'filters',
      role: 'search',
      submit: (event) => {
        event.preventDefault()
        location.hash = `#/audit/${encodeURIComponent(filtersOf(form))}`
      },
    },
    field('who'),
    field('action'),
    field('target'),
    h('button', { class: 'primary' }, t('find')),
    h('span', { class: 'quiet' }, `${t('action')}: ${t('prefix')}`),
  )
  const list = h('div', {})
  show(main, h('h1', {}, t('audit')), form, list)
  /** @type {AuditView[]} */
  const rows = []
  async function read(before) {
    const query = new URLSearchParams({
      ...filter,
      limit: String(perPage),
      ...(before === undefined ? {} : { before }),
    })
    /** @type {AuditPage} */
    const { audit: found } = await call(`/ops/audit?${query}`)
    if (!stillHere()) return
    rows.push(...found)
    show(
      list,
      rows.length === 0 ? h('p', { class: 'sparse' }, t('nothing')) : entries(rows),
      found.length === perPage
        ? h('p', {}, h('button', { type: 'button', click: () => read(found.at(-1).n) }, t('more')))
        : null,
    )
  }
  await read()
}

/** @param {AuditView[]} found */
const entries = (found) =>
  table(
    [t('when'), t('who'), t('action'), t('target'), t('reason'), t('address')],
    found.map((entry) => ({
      cells: [
        h('td', { class: 'nowrap' }, clock(entry.at)),
        h('td', {}, h('a', { href: `#/audit/${encodeURIComponent(`who=${entry.who}`)}` }, entry.who)),
        h('td', {}, actName(entry.action), ' ', h('span', { class: 'quiet code' }, entry.action)),
        h('td', { class: 'code wide' }, targetLink(entry)),
        entry.why,
        h('td', { class: 'quiet' }, signedFrom(entry)),
      ],
    })),
  )

/** @param {string} action */
/**
 * How the person had signed in, from where, and who approved it.
 * @param {{ detail?: Record<string, any> }} entry
 */
function signedFrom({ detail = {} }) {
  const { signedInBy, address, approvedBy } = detail
  return [
    signedInBy ? t(`signsInBy_${signedInBy}`) : '',
    address ?? '',
    approvedBy ? `${t('decidedBy')} ${approvedBy}` : '',
  ]
    .filter(Boolean)
    .join(' · ')
}

export function actName(action) {
  const known = t(`auditAction_${action}`)
  return known.startsWith('auditAction_') ? '' : known
}

/**
 * Where what it was done to can be seen.
 * @param {AuditView} entry
 */
function targetLink({ action, target }) {
  if (/^(msg|sub|rcp)_/.test(target)) return h('a', { href: `#/search/${encodeURIComponent(target)}` }, target)
  if (action.startsWith('agency.')) return h('a', { href: `#/agency/${encodeURIComponent(target)}` }, target)
  if (action.startsWith('partner.')) return h('a', { href: `#/partner/${encodeURIComponent(target)}` }, target)
  return target
}
