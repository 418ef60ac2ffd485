// ask — a question before an act: what will happen, why, and what else it needs. Resolves with the answers, or with
// nothing when it was put off.
import { h } from './dom.js'
import { t } from './text.js'

/**
 * @param {string} title what is asked
 * @param {{ verb?: string, warns?: string, danger?: boolean, extra?: Record<string, any> }} [options] `verb` on the
 *   button that does it; `warns` what it leads to; `danger` for an act that cannot be taken back;
 *   `extra` further answers by name: a label, or { label, choices: [[value, text]] } to pick from
 */
export function ask(title, { verb = t('confirm'), warns, danger = false, extra = {} } = {}) {
  return new Promise((resolve) => {
    const why = h('textarea', { required: true, maxlength: 500, placeholder: t('why'), 'aria-label': t('why') })
    /** @type {[string, any][]} */
    const others = Object.entries(extra).map(([name, wanted]) => [name, field(wanted)])
    const heading = h('b', { id: 'asked' }, title)
    const dialog = h(
      'dialog',
      { 'aria-labelledby': 'asked' },
      h(
        'form',
        { method: 'dialog', submit: () => (dialog.returnValue = 'yes') },
        heading,
        warns ? h('p', { class: danger ? 'bad' : 'quiet' }, warns) : null,
        others.map(([, { element }]) => h('p', {}, element)),
        why,
        h(
          'div',
          { class: 'row' },
          h('button', { type: 'button', click: () => dialog.close('no') }, t('cancel')),
          h('button', { class: danger ? 'primary danger' : 'primary' }, verb),
        ),
      ),
    )
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(
        dialog.returnValue === 'yes'
          ? { why: why.value, ...Object.fromEntries(others.map(([name, { value }]) => [name, value()])) }
          : undefined,
      )
    })
    document.body.append(dialog)
    dialog.showModal()
    ;(others[0]?.[1].input ?? why).focus()
  })
}

function field(wanted) {
  const { label, choices, optional = false } = typeof wanted === 'string' ? { label: wanted } : wanted
  const input = h('input', { required: !optional, placeholder: label, 'aria-label': label, style: 'width:100%' })
  if (!choices || choices.length === 0) return { element: input, input, value: () => input.value.trim() }
  const select = h(
    'select',
    { 'aria-label': label, style: 'width:100%', change: () => (input.value = select.value) },
    h('option', { value: '' }, label),
    choices.map(([value, text]) => h('option', { value }, text)),
  )
  return { element: [select, input], input: select, value: () => input.value.trim() }
}
