// overview — is everything flowing? The answer first, in words; then what needs a person; then every agency in one
// line.
import { ask } from '../ask.js'
import { figure, h, show, sparkline, table, toast } from '../dom.js'
import { call, look, may, on } from '../live.js'
import { said } from '../said.js'
import { age, clock, count, one, t } from '../text.js'

/**
 * @typedef {import('../../../messages/views/index.js').Overview} Overview
 * @typedef {import('../../../messages/views/index.js').AgencyLine} AgencyLine
 */

/** @param {import('../app.js').Shown} page */
export function overview({ main }) {
  show(main, h('p', { class: 'sparse' }, t('loading')))
  return on('overview', (seen) => {
    // A button that is being pressed is not taken from under the finger; the next turn is two seconds away.
    if (main.querySelector('button:active')) return
    // The row or the button a person stands on stays theirs while figures change below.
    const active = /** @type {HTMLElement} */ (document.activeElement)
    const focused = active.closest('tr')?.dataset.key
    const onButton = active.tagName === 'BUTTON'
    show(
      main,
      verdict(seen),
      tiles(seen),
      h('h2', {}, t('agencies')),
      seen.agencies.length === 0 ? h('p', { class: 'sparse' }, t('nothing')) : agencies(seen),
      seen.signers.length === 0 ? null : [h('h2', {}, t('signers')), signers(seen)],
      seen.fleet.shared ? [h('h2', {}, t('hubs')), hubs(seen)] : null,
    )
    const row = focused && main.querySelector(`tr[data-key="${CSS.escape(focused)}"]`)
    if (row) (onButton ? row.querySelector('button') : row)?.focus({ preventScroll: true })
  })
}

/** @param {Overview} overview */
function verdict({ health, refusal, standstill, certificates = [], agencies: lines }) {
  const busy = lines.filter((line) => line.queued > 0).length
  const stuck = lines.filter((line) => line.stuck).sort((a, b) => b.oldestSeconds - a.oldestSeconds)
  const failing = lines.find((line) => line.failing && ['open', ...breakerGates].includes(line.gate))
  // What keeps all of them waiting is no agency's fault.
  const worst = standstill ? undefined : (stuck[0] ?? failing)
  const words = { flowing: t('flowing'), attention: t('attentionHealth'), stuck: t('stuck') }
  return h(
    'section',
    { class: `verdict ${health}`, 'data-health': health },
    h('span', { class: `lamp ${health}` }),
    h(
      'div',
      {},
      h('h1', {}, worst ? t(worst.stuck ? 'stuckAt' : 'failingAt', { agency: one(worst.title) }) : words[health]),
      worst
        ? h(
            'p',
            {},
            h('a', { href: `#/agency/${encodeURIComponent(worst.agency)}` }, `${one(worst.title)} →`),
            ` ${[why(worst), t('stuckFor', { age: age(worst.oldestSeconds) })].join(' · ')}`,
            stuck.length > 1 ? ` · ${t('stuckMore', { n: stuck.length - 1 })}` : '',
          )
        : null,
      h('p', {}, busy === 0 ? t('allEmpty') : t(busy === 1 ? 'waitingInOne' : 'waitingIn', { n: busy })),
      [standstill, refusal].map((what) => (what ? h('p', { class: 'refusal' }, one(what)) : null)),
      certificates.map(({ of, subject, daysLeft, trouble }) =>
        h(
          'p',
          { class: 'refusal' },
          t(trouble ? 'certificateTrouble' : daysLeft < 0 ? 'certificateOver' : 'certificateEnds', {
            of: of === 'http' ? t('httpDoor') : of,
            subject,
            n: daysLeft,
          }),
        ),
      ),
    ),
  )
}

const breakerGates = ['broken', 'probing']

/**
 * Why nothing goes out, in words. Of an open breaker the failures say more than what opened it.
 * @param {AgencyLine} line
 */
const why = (line) =>
  [
    line.gate === 'open' ? '' : t(line.gate),
    line.failing && breakerGates.includes(line.gate) ? '' : said(line.gateWhy),
    failure(line),
  ]
    .filter(Boolean)
    .join('：') || t('waiting')

/**
 * How often it failed, since when and with what; empty when the last try was good.
 * @param {AgencyLine} line
 */
export const failure = ({ failing }) =>
  failing
    ? t('failingSince', {
        n: count(failing.tries),
        at: clock(failing.since),
        what: [failing.code, failing.detail].filter(Boolean).join(' · '),
      })
    : ''

/** @param {Overview} overview */
function tiles({ flow, attention }) {
  const curve = (word, name, color) =>
    h(
      'div',
      { class: 'tile' },
      h('span', {}, `${t(word)} · ${t('perMinute')}`),
      h('b', {}, count(flow[name].perMinute)),
      sparkline(t(word), [{ points: flow[name].points, color }]),
      h('small', { class: 'quiet' }, t('peak', { n: count(Math.max(0, ...flow[name].points)) })),
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

/** @param {Overview} overview */
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
      href: `#/agency/${encodeURIComponent(line.agency)}`,
      cells: [
        h(
          'td',
          {},
          h(
            'div',
            { class: 'name', title: one(line.title) },
            h('span', { class: 'quiet code' }, line.agency),
            ' ',
            h('a', { href: `#/agency/${encodeURIComponent(line.agency)}` }, one(line.title)),
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
            line.gate === 'unserved' || !may(`/ops/agencies/${line.agency}/pause`)
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

/**
 * Why nothing goes out stands beside it, cut where it would break the line; whole when pointed at.
 * @param {AgencyLine} line
 */
export function gate(line) {
  const { gateWhy, gateUntil } = line
  // Work may go out, and every try fails: that is not normal.
  const state = line.gate === 'open' && line.failing ? 'failing' : line.gate
  const tone = {
    open: 'good',
    failing: 'watch',
    paused: 'watch',
    window: 'quiet',
    broken: 'bad',
    busy: 'watch',
    unready: 'bad',
    probing: 'watch',
    unworked: 'watch',
    unserved: 'bad',
  }[state]
  const more = [gateUntil && `→ ${clock(gateUntil)}`, said(gateWhy), state === 'failing' && failure(line)]
    .filter(Boolean)
    .join(' · ')
  return h(
    'div',
    { class: 'gate', title: more || undefined },
    h('span', { class: `badge ${tone}`, 'data-gate': state }, t(state)),
    more ? h('span', { class: 'quiet more' }, more) : '',
  )
}

/** @param {AgencyLine} line */
async function toggle({ agency, gate: state, title }) {
  const verb = state === 'paused' ? 'resume' : 'pause'
  const answer = await ask(`${t(verb)} · ${one(title)}`, { verb: t(verb), warns: t(`${verb}Warns`) })
  if (!answer) return
  await call(`/ops/agencies/${encodeURIComponent(agency)}/${verb}`, answer)
  toast(t('done'))
  await look()
}

/** From this many days on, a certificate that nobody has renewed needs a person. */
const fewDays = 30

/** @param {Overview} overview */
function signers({ signers: keys }) {
  return table(
    [
      t('name'),
      t('state'),
      t('since'),
      t('signerKey'),
      t('number'),
      { class: 'n', text: t('daysLeft') },
      { class: 'n', text: t('signed') },
      { class: 'n', text: t('waiting') },
      t('why'),
    ],
    keys.map(({ name, up, since: at, key, certificate, signed, waiting, why: reason = '' }) => ({
      key: `signer ${name}`,
      cells: [
        name,
        h('td', {}, h('span', { class: up ? 'badge good' : 'badge bad' }, t(up ? 'signerUp' : 'signerAway'))),
        clock(at),
        t(`signer-${key}`),
        h('td', { class: 'code', title: certificate.subject }, certificate.number),
        figure(String(certificate.daysLeft), certificate.daysLeft <= fewDays ? 'bad' : ''),
        figure(count(signed)),
        figure(count(waiting), 'watch'),
        reason,
      ],
    })),
  )
}

/** Heard of every two or three seconds; silent for so long, something is wrong with it. */
const silentSeconds = 8

/** @param {Overview} overview */
function hubs({ at, fleet: { self, hubs: lines, leases } }) {
  const isFolder = ({ name }) => name.startsWith('folder:') || name.startsWith('sftp:')
  const free = leases.filter((lease) => lease.holder === undefined && !isFolder(lease))
  const folders = leases.filter(({ name, holder }) => holder !== undefined && name.startsWith('sftp:'))
  return [
    free.length === 0
      ? null
      : h('p', { class: 'watch' }, t('nobodyDoes', { work: free.map(({ name }) => name).join(' ') })),
    folders.length > 1 ? h('p', { class: 'watch' }, t('foldersDiffer')) : null,
    table(
      [t('hub'), t('version'), t('hubRoles'), t('since'), { class: 'n', text: t('heardOf') }, t('alone')],
      lines.map(({ process, version, roles, startedAt, seenAt }) => {
        const silent = Math.max(0, Math.round((Date.parse(at) - Date.parse(seenAt)) / 1000))
        return {
          key: `hub ${process}`,
          cells: [
            h(
              'td',
              { class: 'code' },
              process,
              process === self ? h('span', { class: 'quiet' }, ` ${t('thisHub')}`) : '',
            ),
            version,
            roles.join(' '),
            clock(startedAt),
            figure(`${silent} s`, silent > silentSeconds ? 'watch' : ''),
            leases
              .filter(({ holder }) => holder === process)
              .map(({ name }) => name)
              .join(' '),
          ],
        }
      }),
    ),
  ]
}
