// overview — is everything flowing? The answer first, in words; then what needs a person; then every agency in one line.
import { ask } from '../ask.js'
import { figure, h, show, sparkline, table, toast } from '../dom.js'
import { call, on } from '../live.js'
import { age, count, one, t } from '../text.js'

export function overview({ main }) {
  show(main, h('p', { class: 'sparse' }, t('loading')))
  return on('overview', (seen) => {
    // The row a person stands on stays where it is while figures change below.
    const here = main.querySelector('tr.here')?.dataset.href
    show(main, verdict(seen), tiles(seen), h('h2', {}, t('agency')), seen.agencies.length === 0 ? h('p', { class: 'sparse' }, t('nothing')) : agencies(seen))
    if (here) main.querySelector(`tr[data-href="${CSS.escape(here)}"]`)?.classList.add('here')
  })
}

function verdict({ health, agencies: lines }) {
  const busy = lines.filter((line) => line.queued > 0).length
  const words = { flowing: t('flowing'), attention: t('attentionHealth'), stuck: t('stuck') }
  return h('section', { class: `verdict ${health}`, 'data-health': health }, h('span', { class: `lamp ${health}` }), h('div', {}, h('h1', {}, words[health]), h('p', {}, busy > 0 ? `${busy} ${t('waitingIn')}` : t('allEmpty'))))
}

function tiles({ flow, attention }) {
  const curve = (word, name, color) => h('div', { class: 'tile' }, h('span', {}, `${t(word)} · ${t('perMinute')}`), h('b', {}, count(flow[name].perMinute)), sparkline(t(word), [{ points: flow[name].points, color }]))
  const open = Object.entries(attention).filter(([, n]) => n > 0).map(([kind, n]) => h('a', { class: `tile ${kind === 'dead' || kind === 'unclear' ? 'bad' : 'watch'}`, href: `#/attention/${kind}` }, h('span', {}, t(kind)), h('b', {}, count(n))))
  return h('div', { class: 'tiles' }, curve('in', 'in', 'in'), curve('out', 'out', 'out'), curve('receipts', 'receipts', 'good'), curve('refused', 'refused', 'bad'), open)
}

function agencies({ agencies: lines }) {
  const heads = [t('agency'), t('state'), ...['waiting', 'oldest', 'sending', 'inRate', 'outRate', 'failures', 'held', 'unclear', 'dead'].map((word) => ({ class: 'n', text: t(word) })), t('lastHours'), '']
  return table(heads, lines.map((line) => ({
    cells: [
      h('td', {}, h('b', {}, one(line.title)), ' ', h('span', { class: 'quiet code' }, line.agency)),
      h('td', {}, gate(line)),
      figure(count(line.queued), line.oldestSeconds > 300 ? 'watch' : ''), figure(age(line.oldestSeconds), line.oldestSeconds > 300 ? 'watch' : ''), figure(line.submitting),
      figure(line.in.perMinute), figure(line.out.perMinute), figure(count(line.failed.total), 'watch'), figure(line.held, 'watch'), figure(line.unclear, 'bad'), figure(line.dead, 'bad'),
      h('td', {}, sparkline(`${one(line.title)}: ${t('in')} / ${t('out')}`, [{ points: line.in.points, color: 'in' }, { points: line.out.points, color: 'out' }, { points: line.failed.points, color: 'bad' }])),
      h('td', {}, h('div', { class: 'row-actions' }, h('button', { type: 'button', click: () => toggle(line) }, t(line.gate === 'paused' ? 'resume' : 'pause')))),
    ],
  })))
}

function gate({ gate: state, gateDetail }) {
  const tone = { open: 'good', paused: 'watch', window: 'quiet', broken: 'bad', probing: 'watch' }[state]
  return h('span', { class: `badge ${tone}`, title: gateDetail ?? '' }, t(state))
}

async function toggle({ agency, gate: state, title }) {
  const verb = state === 'paused' ? 'resume' : 'pause'
  const answer = await ask(`${t(verb)} · ${one(title)}`)
  if (!answer) return
  await call(`/ops/agencies/${encodeURIComponent(agency)}/${verb}`, answer)
  toast(t('done'))
}
