// operators — the people who work at the hub: their roles, how they sign in, and what an admin does about them.
import { ask } from '../ask.js'
import { h, show, table, toast } from '../dom.js'
import { call, may } from '../live.js'
import { agencyName, namesRead } from '../names.js'
import { clock, t } from '../text.js'

/**
 * @typedef {import('../../../messages/views/index.js').OperatorView} Operator
 * @typedef {import('../../../messages/views/index.js').InvitedOperator} Invited
 */

const roles = ['viewer', 'auditor', 'operator', 'admin']

export async function operators({ main, stillHere, again }) {
  show(main, h('p', { class: 'sparse' }, t('loading')))
  /** @type {[{ operators: Operator[] }, unknown]} */
  const [{ operators: all }] = await Promise.all([call('/ops/operators'), namesRead()])
  if (!stillHere()) return

  /** @param {string} path @param {object} body */
  async function act(path, body) {
    const said = await call(path, body)
    toast(t('done'))
    if (said.welcome) showLink(said)
    await again()
  }
  /** The role, and the agencies as codes with blanks between. */
  const right = ({ role, agencies }) => ({ role, agencies: agencies.split(/[\s,，、]+/).filter(Boolean) })
  const extra = () => ({
    role: { label: t('role'), choices: roles.map((one) => [one, t(`role_${one}`)]) },
    agencies: { label: `${t('limitedTo')} (${t('allAgencies')})`, optional: true },
  })
  async function add() {
    const answer = await ask(t('newAccount'), { verb: t('newAccount'), extra: { name: t('account'), ...extra() } })
    if (answer) await act('/ops/operators', { name: answer.name, ...right(answer), why: answer.why })
  }
  /** @param {Operator} one */
  const changeRole = (one) => async () => {
    const answer = await ask(`${t('changeRole')} · ${one.name}`, { verb: t('changeRole'), extra: extra() })
    if (answer) await act(`${at(one)}/role`, { ...right(answer), why: answer.why })
  }
  /** @param {Operator} one @param {string} verb @param {string} [warns] */
  const simple = (one, verb, warns) => async () => {
    const asked = { verb: t(verb), danger: warns !== undefined, ...(warns ? { warns: t(warns) } : {}) }
    const answer = await ask(`${t(verb)} · ${one.name}`, asked)
    if (answer) await act(`${at(one)}/${verb}`, { why: answer.why })
  }

  /** @param {Operator} one */
  const buttons = (one) => [
    h('button', { type: 'button', click: changeRole(one) }, t('changeRole')),
    h('button', { type: 'button', click: simple(one, 'reset', 'resetWarns') }, t('reset')),
    one.disabled
      ? h('button', { type: 'button', click: simple(one, 'enable') }, t('enable'))
      : h(
          'button',
          { type: 'button', class: 'danger', click: simple(one, 'disable', 'disableAccountWarns') },
          t('disable'),
        ),
  ]
  show(
    main,
    h('h1', {}, t('operators')),
    may('/ops/operators')
      ? h('div', { class: 'row' }, h('button', { type: 'button', class: 'primary', click: add }, t('newAccount')))
      : null,
    table(
      [t('account'), t('role'), t('limitedTo'), t('signsInBy'), t('created'), ''],
      all.map((one) => ({
        key: one.name,
        cells: [
          h(
            'td',
            {},
            h('a', { href: `#/audit/${encodeURIComponent(`who=${one.name}`)}` }, one.name),
            ' ',
            one.disabled ? h('span', { class: 'badge quiet' }, t('disabled')) : '',
          ),
          t(`role_${one.role}`),
          one.agencies ? one.agencies.map(agencyName).join('、') : t('allAgencies'),
          [...one.signsInBy.map((by) => t(`signsInBy_${by}`)), one.totp ? 'TOTP' : ''].filter(Boolean).join(' · ') ||
            (one.welcomeUntil ? `${t('until')} ${clock(one.welcomeUntil)}` : '–'),
          clock(one.createdAt),
          h(
            'td',
            {},
            h(
              'div',
              { class: 'row-actions' },
              h('a', { class: 'button', href: `#/sessions/${encodeURIComponent(one.name)}` }, t('sessions')),
              may(`${at(one)}/role`) ? buttons(one) : null,
            ),
          ),
        ],
      })),
    ),
  )
}

/** @param {Operator} one */
const at = ({ name }) => `/ops/operators/${encodeURIComponent(name)}`

/** @param {Pick<Invited, 'name' | 'welcome'>} account */
export function showLink({ name, welcome }) {
  const dialog = h(
    'dialog',
    { close: () => dialog.remove() },
    h('b', {}, name),
    h('p', {}, `${t('linkOnce')} ${clock(welcome.until)}`),
    h('p', { class: 'code wide' }, new URL(welcome.path, location.origin).href),
    h('form', { method: 'dialog', class: 'row' }, h('button', { class: 'primary' }, 'OK')),
  )
  document.body.append(dialog)
  dialog.showModal()
}
