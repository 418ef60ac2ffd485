// approvals — acts that wait for a second person: approve, decline, or take back one's own.
import { ask } from '../ask.js'
import { h, show, table, toast } from '../dom.js'
import { call, may, me } from '../live.js'
import { clock, t } from '../text.js'
import { showLink } from './operators.js'

/** @typedef {import('../../../messages/views/index.js').WaitingActView} WaitingAct */

export async function approvals({ main, stillHere, again }) {
  show(main, h('p', { class: 'sparse' }, t('loading')))
  /** @type {{ approvals: WaitingAct[] }} */
  const { approvals: all } = await call('/ops/approvals')
  if (!stillHere()) return

  /** @param {WaitingAct} act @param {'approve' | 'decline'} verb */
  const decide = (act, verb) => async () => {
    const word = verb === 'decline' && mine(act) ? 'takeBack' : verb
    const asked = {
      verb: t(word),
      danger: verb === 'approve',
      ...(verb === 'approve' ? { warns: t('approveWarns') } : {}),
    }
    const answer = await ask(`${t(word)} · ${act.call}`, asked)
    if (!answer) return
    const said = await call(`/ops/approvals/${act.id}/${verb}`, { why: answer.why })
    toast(t(`approval_${said.state}`))
    // A new account's link, or a key, is shown once: to who approved.
    const answered = parsed(said.answer)
    if (answered.welcome) showLink(answered)
    else if (answered.secret) tell(answered.name ?? '', answered.secret)
    await again()
  }
  show(
    main,
    h('h1', {}, t('approvals')),
    all.length === 0
      ? h('p', { class: 'sparse' }, t('nothing'))
      : table(
          [t('when'), t('requestedBy'), t('theCall'), t('reason'), t('state'), t('decidedBy'), ''],
          all.map((act) => ({
            key: act.id,
            cells: [
              h('td', { class: 'nowrap' }, clock(act.at)),
              act.requestedBy,
              h(
                'td',
                { class: 'wide call' },
                h('div', {}, t(`act_${act.act}`)),
                h('div', { class: 'quiet code' }, act.call),
                act.body ? h('div', { class: 'quiet code' }, act.body) : '',
              ),
              act.why,
              h(
                'td',
                {},
                h('span', { class: `badge ${act.state === 'waiting' ? 'watch' : ''}` }, t(`approval_${act.state}`)),
                act.state === 'waiting' ? h('div', { class: 'quiet' }, `${t('until')} ${clock(act.until)}`) : '',
              ),
              h('td', {}, act.decidedBy ?? '', act.decidedWhy ? h('div', { class: 'quiet' }, act.decidedWhy) : ''),
              h('td', {}, act.state === 'waiting' && may(`/ops/approvals/${act.id}/approve`) ? buttons(act) : ''),
            ],
          })),
        ),
  )

  /** @param {WaitingAct} act */
  function buttons(act) {
    const decline = h(
      'button',
      { type: 'button', click: decide(act, 'decline') },
      t(mine(act) ? 'takeBack' : 'decline'),
    )
    return h(
      'div',
      { class: 'row-actions' },
      mine(act) ? null : h('button', { type: 'button', class: 'primary', click: decide(act, 'approve') }, t('approve')),
      decline,
    )
  }
}

/** @param {WaitingAct} act */
const mine = (act) => act.requestedBy === me()?.name

/** @param {string | undefined} answer JSON */
function parsed(answer) {
  try {
    return JSON.parse(answer ?? '{}')
  } catch {
    return {}
  }
}

/** @param {string} title @param {string} text */
function tell(title, text) {
  const dialog = h(
    'dialog',
    { close: () => dialog.remove() },
    h('b', {}, title),
    h('p', { class: 'code wide' }, text),
    h('form', { method: 'dialog', class: 'row' }, h('button', { class: 'primary' }, 'OK')),
  )
  document.body.append(dialog)
  dialog.showModal()
}
