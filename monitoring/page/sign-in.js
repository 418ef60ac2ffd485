// sign-in — the page before the monitor: by name, password and code, by the company's identity provider, or by a key;
// and where somebody new chooses a password and enrols a device.
import { h, show } from './dom.js'
import { currentLanguage, one, setLanguage, t } from './text.js'

/** @returns {any} an element the page surely has */
const byId = (id) => document.getElementById(id)
const main = byId('main')
const dark = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
document.documentElement.dataset.theme = localStorage.getItem('theme') ?? dark
setLanguage(currentLanguage())

class Refused extends Error {}

async function call(path, body) {
  const response = await fetch(
    `/monitor/sign-in${path}`,
    body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  )
  const said = await response.json().catch(() => ({}))
  if (!response.ok)
    throw new Refused(said.text ? [one(said.text), one(said.remedy)].join(' → ') : `HTTP ${response.status}`)
  return said
}

/** A labelled field; the label stays in sight while something stands in it. */
const field = (name, word, more = {}) =>
  h('label', { class: 'field' }, h('span', {}, t(word)), h('input', { name, required: true, ...more }))

/** A form whose button waits for the answer, and which says what was wrong. */
function form(verb, fields, submit) {
  const button = h('button', { class: 'primary' }, t(verb))
  const trouble = h('p', { class: 'bad', role: 'alert' })
  const whole = h(
    'form',
    {
      async submit(event) {
        event.preventDefault()
        button.disabled = true
        trouble.textContent = ''
        try {
          await submit(Object.fromEntries(new FormData(whole)))
        } catch (error) {
          trouble.textContent = error instanceof Refused ? error.message : String(error)
          whole.querySelector('input[name=code]')?.setAttribute('value', '')
        } finally {
          button.disabled = false
        }
      },
    },
    fields,
    trouble,
    h('div', { class: 'row' }, button),
  )
  return whole
}

const clockOffSeconds = 20
const enter = () => location.assign('/monitor')
const codeField = (more = {}) =>
  field('code', 'totpCode', { autocomplete: 'one-time-code', maxlength: 40, spellcheck: 'false', ...more })

async function signIn() {
  const ways = await call('/ways')
  const off = Math.round((Date.now() - Date.parse(ways.now)) / 1000)
  const byPassword = form(
    'signIn',
    [
      field('name', 'account', { autocomplete: 'username', autofocus: true, maxlength: 64 }),
      field('password', 'password', { type: 'password', autocomplete: 'current-password', maxlength: 200 }),
      codeField({ required: ways.totp === 'required', inputmode: 'text' }),
      // A code lives for half a minute and one more on each side.
      Math.abs(off) > clockOffSeconds ? h('p', { class: 'watch' }, t('clockOff', { n: off })) : null,
    ],
    async (given) => {
      await call('/password', given)
      enter()
    },
  )
  const byKey = form('signIn', [field('key', 'opsKey', { type: 'password', autocomplete: 'off' })], async (given) => {
    await call('/key', given)
    enter()
  })
  show(
    main,
    h(
      'section',
      { class: 'panel' },
      h('h1', {}, t('signIn')),
      ways.oidc
        ? [
            h(
              'p',
              {},
              h('a', { class: 'button primary', href: '/monitor/sign-in/oidc' }, `${t('signInBy')} ${ways.oidc}`),
            ),
            h('p', { class: 'quiet' }, t('orPassword')),
          ]
        : null,
      byPassword,
      h('details', {}, h('summary', {}, t('signInByKey')), byKey),
    ),
  )
  main.querySelector('input')?.focus()
}

async function welcome(token) {
  const begun = await call('/welcome', { token })
  const picture = new DOMParser().parseFromString(begun.qr, 'image/svg+xml').documentElement
  picture.setAttribute('role', 'img')
  picture.setAttribute('aria-label', t('totpPicture'))
  picture.setAttribute('class', 'qr')
  const choosing = form(
    'choosePassword',
    [
      h('input', { type: 'hidden', name: 'name', autocomplete: 'username', value: begun.name }),
      field('password', 'newPassword', {
        type: 'password',
        autocomplete: 'new-password',
        minlength: 12,
        maxlength: 200,
        'aria-describedby': 'rule',
      }),
      h('p', { id: 'rule', class: 'quiet' }, t('passwordRule')),
      h('p', {}, t('totpEnrol')),
      picture,
      h('p', { class: 'quiet' }, t('totpByHand'), ' ', h('code', {}, begun.secret)),
      codeField({ required: begun.totp === 'required', inputmode: 'numeric' }),
    ],
    async ({ password, code }) => {
      const { recoveryCodes } = await call('/welcome/choose', { token, password, code })
      history.replaceState(undefined, '', '/monitor/sign-in')
      if (!recoveryCodes) return enter()
      show(
        main,
        h(
          'section',
          { class: 'panel' },
          h('h1', {}, t('recoveryCodes')),
          h('p', {}, t('recoveryRule')),
          h(
            'ul',
            { class: 'codes' },
            recoveryCodes.map((one) => h('li', {}, h('code', {}, one))),
          ),
          h(
            'div',
            { class: 'row' },
            h('button', { class: 'primary', type: 'button', click: enter }, t('recoveryKept')),
          ),
        ),
      )
    },
  )
  show(
    main,
    h(
      'section',
      { class: 'panel' },
      h('h1', {}, `${t('welcome')} ${begun.name}`),
      h('p', { class: 'quiet' }, t(`role_${begun.role}`)),
      choosing,
    ),
  )
  main.querySelector('input[type=password]')?.focus()
}

async function begin() {
  byId('brand').textContent = t('title')
  byId('language').textContent = currentLanguage() === 'zh' ? 'EN' : '中'
  byId('language').setAttribute('aria-label', t('languageName'))
  document.title = `${t('signIn')} · ${t('title')}`
  const token = /^#welcome=([\w-]+)$/.exec(location.hash)?.[1]
  try {
    await (token ? welcome(token) : signIn())
  } catch (error) {
    show(
      main,
      h(
        'section',
        { class: 'panel' },
        h('p', { class: 'bad', role: 'alert' }, error instanceof Refused ? error.message : String(error)),
        h('p', {}, h('a', { href: '/monitor/sign-in', click: () => setTimeout(() => location.reload()) }, t('signIn'))),
      ),
    )
  }
}
byId('language').addEventListener('click', () => {
  setLanguage(currentLanguage() === 'zh' ? 'en' : 'zh')
  void begin()
})
addEventListener('hashchange', begin)
void begin()
