// ask — a question before a deed: why, and what else it needs. Resolves with the answers, or with nothing when it was put off.
import { h } from './dom.js'
import { t } from './text.js'

/** @param extra labels of further single-line answers, by name */
export function ask(title, extra = {}) {
  return new Promise((resolve) => {
    const why = h('textarea', { required: true, maxlength: 500, placeholder: t('why'), 'aria-label': t('why') })
    const others = Object.entries(extra).map(([name, label]) => [
      name,
      h('input', { required: true, placeholder: label, 'aria-label': label, style: 'width:100%' }),
    ])
    const dialog = h(
      'dialog',
      {},
      h(
        'form',
        { method: 'dialog', submit: () => (dialog.returnValue = 'yes') },
        h('b', {}, title),
        others.map(([, input]) => h('p', {}, input)),
        why,
        h(
          'div',
          { class: 'row' },
          h('button', { type: 'button', click: () => dialog.close('no') }, t('cancel')),
          h('button', { class: 'primary' }, t('confirm')),
        ),
      ),
    )
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(
        dialog.returnValue === 'yes'
          ? { why: why.value, ...Object.fromEntries(others.map(([name, input]) => [name, input.value.trim()])) }
          : undefined,
      )
    })
    document.body.append(dialog)
    dialog.showModal()
    ;(others[0]?.[1] ?? why).focus()
  })
}
