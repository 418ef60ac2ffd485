// app — the frame of the page: which view is shown, the lamp, the search, the keys. Views live in views/, one a file.
import { h, show, toast } from './dom.js'
import { call, connect, latest, on, Refused } from './live.js'
import { clock, count, currentLanguage, setLanguage, t } from './text.js'
import { attention } from './views/attention.js'
import { audit } from './views/audit.js'
import { message } from './views/message.js'
import { notices } from './views/notices.js'
import { overview } from './views/overview.js'
import { partners } from './views/partners.js'
import { results } from './views/results.js'
import { tail } from './views/tail.js'

const byId = (id) => document.getElementById(id)
const main = byId('main')
const pages = [
  ['', 'overview'],
  ['attention', 'attention'],
  ['partners', 'partners'],
  ['tail', 'tail'],
  ['notices', 'notices'],
  ['audit', 'audit'],
]
const views = { '': overview, attention, partners, tail, notices, audit, message, search: results }

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
  document.title = `${t('title')} · ${t(pages.find(([path]) => path === name)?.[1] ?? 'overview')}`
  byId('brand').textContent = t('title')
  byId('q').placeholder = t('search')
  byId('language').textContent = currentLanguage() === 'zh' ? 'EN' : '中'
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
    h('a', { href: '/monitor/queues' }, t('queues')),
  )
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
      line(['g', 'o a p t u'], t('keyGo')),
      line(['j', 'k'], t('keyMove')),
      line(['Enter'], t('keyOpen')),
      line(['d'], t('keyTheme')),
      line(['l'], t('keyLanguage')),
    ),
    h('form', { method: 'dialog', class: 'row' }, h('button', { class: 'primary' }, 'OK')),
  )
  document.body.append(dialog)
  dialog.showModal()
}

let awaiting = ''
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) {
    if (event.key === 'Escape') event.target.blur()
    return
  }
  const go = { o: '', a: 'attention', p: 'partners', t: 'tail', u: 'audit' }
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
    case 'Enter': {
      enter(document.querySelector('tr.here'), event)
    }
  }
})

/** Opens the row a person stands on, or does what its one button does. */
function enter(row, event) {
  if (!row || event.target.closest?.('button, a')) return
  event.preventDefault()
  if (row.dataset.href) location.hash = row.dataset.href
  else row.querySelector('button')?.click()
}

function move(by, event) {
  const rows = [...main.querySelectorAll('tr[data-href], tr[data-key]')]
  if (rows.length === 0) return
  event.preventDefault()
  const at = rows.findIndex((row) => row.classList.contains('here'))
  rows[at]?.classList.remove('here')
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))]
  next.classList.add('here')
  next.scrollIntoView({ block: 'nearest' })
}
main.addEventListener('click', (event) => {
  const row = event.target.closest('tr[data-href]')
  if (row && !event.target.closest('a, button, summary')) location.hash = row.dataset.href
})

on('overview', (seen) => {
  byId('lamp').className = `lamp ${seen.health}`
  byId('lamp').title = ''
  byId('footer').textContent = `${t('since')} ${clock(seen.startedAt)} · ${seen.version} · ${clock(seen.at)}`
  frame(location.hash.replace(/^#\/?/, '').split('/')[0])
})
on('lost', () => {
  byId('lamp').className = 'lamp lost'
  byId('lamp').title = t('lost')
  byId('footer').textContent = t('lost')
})
addEventListener('hashchange', route)
addEventListener('unhandledrejection', ({ reason }) => toast(reason?.message ?? String(reason)))
connect()
void call('/overview').then(route, route)
