// overview — is everything flowing? The answer first, in words; then what needs a person; then every agency in one line.
import { ask } from '../ask.js'
import { figure, h, show, sparkline, table, toast } from '../dom.js'
import { call, look, on } from '../live.js'
import { age, clock, count, one, t } from '../text.js'

export function overview({ main }) {
  show(main, h('p', { class: 'sparse' }, t('loading')))
  return on('overview', (seen) => {
    // A button that is being pressed is not taken from under the finger; the next turn is two seconds away.
    if (main.querySelector('button:active')) return
    // The row a person stands on stays theirs while figures change below, and so does the button they have tabbed to.
    const here = main.querySelector('tr.here')?.dataset.key
    const focused = document.activeElement.closest('tr')?.dataset.key
    show(
      main,
      verdict(seen),
      tiles(seen),
      h('h2', {}, t('agency')),
      seen.agencies.length === 0 ? h('p', { class: 'sparse' }, t('nothing')) : agencies(seen),
    )
    const row = (key) => key && main.querySelector(`tr[data-key="${CSS.escape(key)}"]`)
    if (here) row(here)?.classList.add('here')
    if (focused) row(focused)?.querySelector('button')?.focus()
  })
}

function verdict({ health, refusal, agencies: lines }) {
  const busy = lines.filter((line) => line.queued > 0).length
  const words = { flowing: t('flowing'), attention: t('attentionHealth'), stuck: t('stuck') }
  return h(
    'section',
    { class: `verdict ${health}`, 'data-health': health },
    h('span', { class: `lamp ${health}` }),
    h(
      'div',
      {},
      h('h1', {}, words[health]),
      h('p', {}, busy > 0 ? `${busy} ${t('waitingIn')}` : t('allEmpty')),
      refusal ? h('p', { class: 'refusal' }, one(refusal)) : null,
    ),
  )
}

function tiles({ flow, attention }) {
  const curve = (word, name, color) =>
    h(
      'div',
      { class: 'tile' },
      h('span', {}, `${t(word)} · ${t('perMinute')}`),
      h('b', {}, count(flow[name].perMinute)),
      sparkline(t(word), [{ points: flow[name].points, color }]),
    )
  const open = Object.entries(attention)
    .filter(([, n]) => n > 0)
    .map(([kind, n]) =>
      h(
        'a',
        { class: `tile ${kind === 'dead' || kind === 'unclear' ? 'bad' : 'watch'}`, href: `#/attention/${kind}` },
        h('span', {}, t(kind)),
        h('b', {}, count(n)),
      ),
    )
  return h(
    'div',
    { class: 'tiles' },
    curve('in', 'in', 'in'),
    curve('out', 'out', 'out'),
    curve('receipts', 'receipts', 'good'),
    curve('refused', 'refused', 'bad'),
    open,
  )
}

function agencies({ agencies: lines }) {
  const heads = [
    t('agency'),
    t('state'),
    ...['waiting', 'oldest', 'sending', 'inRate', 'outRate', 'failures', 'held', 'unclear', 'dead'].map((word) => ({
      class: 'n',
      text: t(word),
    })),
    t('lastHours'),
    '',
  ]
  return table(
    heads,
    lines.map((line) => ({
      key: line.agency,
      cells: [
        h(
          'td',
          {},
          h(
            'div',
            { class: 'name', title: one(line.title) },
            h('span', { class: 'quiet code' }, line.agency),
            ' ',
            h('b', {}, one(line.title)),
          ),
        ),
        h('td', {}, gate(line)),
        figure(count(line.queued), line.oldestSeconds > 300 ? 'watch' : ''),
        figure(age(line.oldestSeconds), line.oldestSeconds > 300 ? 'watch' : ''),
        figure(count(line.submitting)),
        figure(count(line.in.perMinute)),
        figure(count(line.out.perMinute)),
        figure(count(line.failed.total), 'watch'),
        figure(count(line.held), 'watch'),
        figure(count(line.unclear), 'bad'),
        figure(count(line.dead), 'bad'),
        h(
          'td',
          {},
          sparkline(`${one(line.title)}: ${t('in')} / ${t('out')}`, [
            { points: line.in.points, color: 'in' },
            { points: line.out.points, color: 'out' },
            { points: line.failed.points, color: 'bad' },
          ]),
        ),
        h(
          'td',
          {},
          h(
            'div',
            { class: 'row-actions' },
            line.gate === 'unserved'
              ? null
              : h(
                  'button',
                  { type: 'button', click: () => toggle(line) },
                  t(line.gate === 'paused' ? 'resume' : 'pause'),
                ),
          ),
        ),
      ],
    })),
  )
}

/** Why nothing goes out stands beside it, cut where it would break the line; whole when pointed at. */
function gate({ gate: state, gateWhy, gateUntil }) {
  const tone = {
    open: 'good',
    paused: 'watch',
    window: 'quiet',
    broken: 'bad',
    busy: 'watch',
    probing: 'watch',
    unworked: 'watch',
    unserved: 'bad',
  }[state]
  const more = [gateUntil && `→ ${clock(gateUntil)}`, gateWhy].filter(Boolean).join(' · ')
  return h(
    'div',
    { class: 'gate', title: more || undefined },
    h('span', { class: `badge ${tone}`, 'data-gate': state }, t(state)),
    more ? h('span', { class: 'quiet more' }, more) : '',
  )
}

async function toggle({ agency, gate: state, title }) {
  const verb = state === 'paused' ? 'resume' : 'pause'
  const answer = await ask(`${t(verb)} · ${one(title)}`)
  if (!answer) return
  await call(`/ops/agencies/${encodeURIComponent(agency)}/${verb}`, answer)
  toast(t('done'))
  await look()
}
