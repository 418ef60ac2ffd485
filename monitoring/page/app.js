// app — the frame of the page: which view is shown, the lamp, the search, the keys. Views live in views/, one a file.
import { h, show, toast } from './dom.js'
import { call, connect, latest, me, on, readMe, Refused, signOut } from './live.js'
import { clock, count, currentLanguage, setLanguage, t } from './text.js'
import { agency } from './views/agency.js'
import { approvals } from './views/approvals.js'
import { operators } from './views/operators.js'
import { attention } from './views/attention.js'
import { audit } from './views/audit.js'
import { message } from './views/message.js'
import { messages } from './views/messages.js'
import { notices } from './views/notices.js'
import { overview } from './views/overview.js'
import { partner } from './views/partner.js'
import { partners } from './views/partners.js'
import { sessions } from './views/sessions.js'
import { results } from './views/results.js'
import { tail } from './views/tail.js'

/** @returns {any} an element the page surely has */
const byId = (id) => document.getElementById(id)
const main = byId('main')
const pages = [
  ['', 'overview'],
  ['attention', 'attention'],
  ['messages', 'browse'],
  ['partners', 'partners'],
  ['tail', 'tail'],
  ['notices', 'notices'],
  ['audit', 'audit'],
]
const views = {
  '': overview,
  agency,
  attention,
  partner,
  partners,
  tail,
  notices,
  audit,
  approvals,
  operators,
  sessions,
  message,
  messages,
  search: results,
}

/**
 * What a view is given.
 * @typedef {object} Shown
 * @property {any} main the element it fills
 * @property {string[]} rest what stands in the address behind its name
 * @property {() => boolean} stillHere whether it is still what is shown
 * @property {() => Promise<void>} again shows it anew
 */

/** What the view that is shown wants done when another one comes. */
let leave = () => {}

async function route() {
  const [name = '', ...rest] = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent)
  leave()
  leave = () => {}
  frame(name)
  const mine = location.hash
  const stillHere = () => mine === location.hash
  try {
    const left = await (views[name] ?? overview)({ main, rest, stillHere, again: route })
    if (stillHere()) leave = left ?? leave
    else left?.()
  } catch (error) {
    if (stillHere())
      show(main, h('p', { class: 'sparse bad' }, error instanceof Refused ? error.message : String(error)))
  }
}

function frame(name) {
  person()
  document.title = `${t('title')} · ${t(pages.find(([path]) => path === name)?.[1] ?? 'overview')}`
  byId('brand').textContent = t('title')
  byId('q').placeholder = t('search')
  byId('q').setAttribute('aria-label', t('search'))
  byId('skip').textContent = t('skip')
  byId('language').textContent = currentLanguage() === 'zh' ? 'EN' : '中'
  for (const [id, word] of [
    ['language', 'languageName'],
    ['theme', 'themeName'],
    ['help', 'helpName'],
  ]) {
    byId(id).setAttribute('aria-label', t(word))
    byId(id).title = t(word)
  }
  byId('theme').textContent = document.documentElement.dataset.theme === 'dark' ? '☀' : '☾'
  const open = latest ? Object.values(latest.attention).reduce((a, b) => a + b, 0) : 0
  show(
    byId('nav'),
    pages.map(([path, word]) =>
      h(
        'a',
        { href: `#/${path}`, 'aria-current': path === name ? 'page' : undefined },
        t(word),
        word === 'attention' && open > 0 ? h('b', {}, count(open)) : null,
      ),
    ),
    me()?.role === 'admin' || me()?.role === 'auditor'
      ? h('a', { href: '#/operators', 'aria-current': name === 'operators' ? 'page' : undefined }, t('operators'))
      : null,
    h(
      'a',
      { href: '#/approvals', 'aria-current': name === 'approvals' ? 'page' : undefined },
      t('approvals'),
      me()?.waiting ? h('b', {}, count(me()?.waiting ?? 0)) : null,
    ),
    h('a', { href: '/monitor/queues' }, t('queues')),
  )
}

/** Who is signed in; with a session, the ways out. */
function person() {
  const who = me()
  if (!who) return
  const limits = who.agencies ? ` · ${who.agencies.join(' ')}` : ''
  byId('person').textContent = who.name
  byId('person').title = `${t(`role_${who.role}`)}${limits}`
  byId('person').setAttribute('aria-label', `${who.name}, ${t(`role_${who.role}`)}`)
  byId('person').onclick = () => {
    const out = (everywhere) => () => signOut(everywhere)
    const dialog = h(
      'dialog',
      { close: () => dialog.remove() },
      h('b', {}, who.name),
      h('p', { class: 'quiet' }, `${t(`role_${who.role}`)}${limits} · ${t(`signsInBy_${who.by}`)}`),
      h(
        'form',
        { method: 'dialog', class: 'row' },
        h('button', {}, 'OK'),
        h(
          'button',
          { type: 'button', click: () => ((location.hash = '#/sessions'), dialog.close()) },
          t('ownSessions'),
        ),
        who.session
          ? [
              who.by === 'oidc' ? null : h('button', { type: 'button', click: changePassword }, t('changePassword')),
              h('button', { type: 'button', click: out(true) }, t('signOutEverywhere')),
              h('button', { type: 'button', class: 'primary', click: out(false) }, t('signOut')),
            ]
          : null,
      ),
    )
    document.body.append(dialog)
    dialog.showModal()
  }
}

/** Asks for the old password and twice for the new one; other sessions of the account end. */
function changePassword() {
  const field = (name, word, autocomplete) =>
    h(
      'label',
      { class: 'field' },
      h('span', {}, t(word)),
      h('input', { name, type: 'password', required: true, maxlength: 200, autocomplete }),
    )
  const trouble = h('p', { class: 'bad', role: 'alert' })
  const form = h(
    'form',
    {
      async submit(event) {
        event.preventDefault()
        const { old, password, again } = Object.fromEntries(new FormData(form))
        if (password !== again) {
          trouble.textContent = t('passwordsDiffer')
          return
        }
        try {
          await call('/ops/me/password', { old, password })
          dialog.close()
          toast(t('passwordChanged'))
        } catch (error) {
          trouble.textContent = error instanceof Refused ? error.message : String(error)
        }
      },
    },
    h('b', { id: 'password-title' }, t('changePassword')),
    field('old', 'oldPassword', 'current-password'),
    field('password', 'newPassword', 'new-password'),
    field('again', 'passwordAgain', 'new-password'),
    h('p', { class: 'quiet' }, t('passwordRule')),
    trouble,
    h(
      'div',
      { class: 'row' },
      h('button', { type: 'button', click: () => dialog.close() }, t('cancel')),
      h('button', { class: 'primary' }, t('changePassword')),
    ),
  )
  const dialog = h(
    'dialog',
    { id: 'change-password', 'aria-labelledby': 'password-title', close: () => dialog.remove() },
    form,
  )
  document.querySelectorAll('dialog[open]').forEach((open) => /** @type {HTMLDialogElement} */ (open).close())
  document.body.append(dialog)
  dialog.showModal()
}

function theme(next) {
  document.documentElement.dataset.theme = next
  localStorage.setItem('theme', next)
}
theme(localStorage.getItem('theme') ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'))
setLanguage(currentLanguage())

const switchTheme = () => (
  theme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'),
  frame(location.hash.replace(/^#\/?/, '').split('/')[0])
)
const switchLanguage = () => (setLanguage(currentLanguage() === 'zh' ? 'en' : 'zh'), route())
byId('theme').addEventListener('click', switchTheme)
byId('language').addEventListener('click', switchLanguage)
byId('help').addEventListener('click', help)
byId('skip').addEventListener('click', (event) => {
  event.preventDefault()
  main.focus()
})
byId('search').addEventListener('submit', (event) => {
  event.preventDefault()
  const text = byId('q').value.trim()
  if (text) location.hash = `#/search/${encodeURIComponent(text)}`
})

function help() {
  const line = (keys, text) => [
    h(
      'dt',
      {},
      keys.map((key) => [h('kbd', {}, key), ' ']),
    ),
    h('dd', {}, text),
  ]
  const dialog = h(
    'dialog',
    { close: () => dialog.remove() },
    h('b', {}, t('keys')),
    h(
      'dl',
      { class: 'facts' },
      line(['/'], t('keySearch')),
      line(['g', 'o a m p t n u'], t('keyGo')),
      line(['j', 'k'], t('keyMove')),
      line(['Enter'], t('keyOpen')),
      line(['d'], t('keyTheme')),
      line(['l'], t('keyLanguage')),
    ),
    h(
      'label',
      { class: 'row' },
      h('input', {
        type: 'checkbox',
        checked: oneKey(),
        change: ({ target }) => localStorage.setItem('oneKey', target.checked ? 'on' : 'off'),
      }),
      t('oneKey'),
    ),
    h('form', { method: 'dialog', class: 'row' }, h('button', { class: 'primary' }, 'OK')),
  )
  document.body.append(dialog)
  dialog.showModal()
}

/** Keys of one letter can be turned off, for those who speak to their machine. */
const oneKey = () => localStorage.getItem('oneKey') !== 'off'

let awaiting = ''
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return
  const at = /** @type {HTMLElement} */ (event.target)
  if (at.matches?.('input, textarea, select')) {
    if (event.key === 'Escape') at.blur()
    return
  }
  if (!oneKey()) return
  const go = { o: '', a: 'attention', m: 'messages', p: 'partners', t: 'tail', n: 'notices', u: 'audit' }
  if (awaiting === 'g') {
    awaiting = ''
    if (event.key in go) location.hash = `#/${go[event.key]}`
    return
  }
  switch (event.key) {
    case '/':
      event.preventDefault()
      byId('q').focus()
      byId('q').select()
      break
    case 'g':
      awaiting = 'g'
      break
    case 'd':
      switchTheme()
      break
    case 'l':
      switchLanguage()
      break
    case '?':
      help()
      break
    case 'j':
    case 'ArrowDown':
      move(1, event)
      break
    case 'k':
    case 'ArrowUp':
      move(-1, event)
      break
    case 'Enter':
      enter(event)
  }
})

/** Opens the row that has the focus. A button or a link with the focus does what it does. */
function enter(event) {
  const row = event.target.closest?.('tr[data-href]')
  if (!row || event.target !== row) return
  event.preventDefault()
  location.hash = row.dataset.href
}

/** The focus is the one cursor there is: j and k move it from row to row. */
function move(by, event) {
  const rows = [...main.querySelectorAll('tr[data-href], tr[data-key]')]
  if (rows.length === 0) return
  event.preventDefault()
  const at = rows.findIndex((row) => row.contains(document.activeElement))
  const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))]
  next.focus()
  next.scrollIntoView({ block: 'nearest' })
}
main.addEventListener('click', (event) => {
  const row = event.target.closest('tr[data-href]')
  if (row && !event.target.closest('a, button, summary, input')) location.hash = row.dataset.href
})

on('overview', (seen) => {
  const words = { flowing: t('lampFlowing'), attention: t('lampAttention'), stuck: t('lampStuck') }
  byId('lamp').className = `lamp ${seen.health}`
  byId('lamp').setAttribute('aria-label', words[seen.health])
  byId('lamp').title = words[seen.health]
  byId('footer').textContent =
    `${t('since')} ${clock(seen.startedAt)} · ${seen.version} · ${clock(seen.at)} · ${t('times8')}`
  frame(location.hash.replace(/^#\/?/, '').split('/')[0])
})
on('lost', () => {
  byId('lamp').className = 'lamp lost'
  byId('lamp').setAttribute('aria-label', t('lost'))
  byId('lamp').title = t('lost')
  byId('footer').textContent = t('lost')
})
addEventListener('hashchange', route)
addEventListener('unhandledrejection', ({ reason }) => toast(reason?.message ?? String(reason)))
connect()
void Promise.allSettled([readMe(), call('/overview')]).then(() => (person(), route()))
