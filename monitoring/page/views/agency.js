// agency — one agency: whether work goes out to it and why not, its connector, its breaker, its closings, what waits
// and what needs a person.
import { ask } from '../ask.js'
import { h, show, table, toast } from '../dom.js'
import { call, latest, look, may } from '../live.js'
import { agencyName, namesRead } from '../names.js'
import { said } from '../said.js'
import { age, clock, count, t } from '../text.js'
import { failure, gate } from './overview.js'

const breakerWords = { closed: 'breakerClosed', open: 'breakerOpen', 'half-open': 'breakerHalf' }

/**
 * Once its wait is over, the next message is a probe, whether one waits or not.
 * @param {import('../../../messages/views/index.js').AgencyView['processes'][number]} process
 */
const breaker = ({ open, breaker: { state } }) => t(breakerWords[state === 'open' && open ? 'half-open' : state])

/** @param {import('../app.js').Shown} page */
export async function agency({ main, rest: [code], again, stillHere }) {
  show(main, h('p', { class: 'sparse' }, t('loading')))
  /** @type {[import('../../../messages/views/index.js').AgencyView, void]} */
  const [found] = await Promise.all([call(`/ops/agencies/${encodeURIComponent(code)}`), namesRead()])
  if (!stillHere()) return
  const line = latest?.agencies.find((one) => one.agency === code)
  const fact = (word, ...value) => [h('dt', {}, t(word)), h('dd', {}, ...value)]
  const verb = found.paused ? 'resume' : 'pause'
  const act = async () => {
    const answer = await ask(`${t(verb)} · ${agencyName(code)}`, { verb: t(verb), warns: t(`${verb}Warns`) })
    if (!answer) return
    await call(`/ops/agencies/${encodeURIComponent(code)}/${verb}`, answer)
    toast(t('done'))
    await look()
    await again()
  }
  const open = ['dead', 'unclear', 'held'].filter((kind) => line?.[kind] > 0)
  show(
    main,
    h('p', {}, h('a', { href: '#/' }, `← ${t('overview')}`)),
    h('h1', {}, agencyName(code), ' ', h('span', { class: 'quiet code' }, code), ' ', line ? gate(line) : ''),
    may(`/ops/agencies/${code}/${verb}`)
      ? h('div', { class: 'row' }, h('button', { type: 'button', click: act }, t(verb)))
      : null,
    h(
      'dl',
      { class: 'facts' },
      found.paused
        ? fact(
            'state',
            h('span', { class: 'watch' }, t('pausedBy', { ...found.paused, at: clock(found.paused.since) })),
          )
        : null,
      fact(
        'connector',
        found.connector === 'none' ? h('span', { class: 'bad' }, said('no connector is configured')) : found.connector,
        found.health
          ? h(
              'span',
              { class: found.health.ok ? 'good' : 'bad' },
              ` · ${found.health.ok ? t('connectorWell') : said(found.health.detail)}`,
            )
          : '',
      ),
      found.health?.files === undefined ? null : fact('filesWaiting', count(found.health.files)),
      line
        ? [
            fact(
              'waiting',
              count(line.queued),
              line.queued > 0 ? ` · ${t('stuckFor', { age: age(line.oldestSeconds) })}` : '',
            ),
            fact('sending', count(line.submitting)),
            line.failing ? fact('failingWord', h('span', { class: 'bad' }, failure(line))) : null,
          ]
        : null,
      found.nextClosing
        ? fact(
            'nextClosing',
            `${clock(found.nextClosing.since)} – ${clock(found.nextClosing.opensAt)} ${found.nextClosing.why ?? ''}`,
          )
        : null,
    ),
    open.length === 0
      ? null
      : h(
          'div',
          { class: 'tiles' },
          open.map((kind) =>
            h(
              'a',
              {
                class: `tile ${kind === 'held' ? 'watch' : 'bad'}`,
                href: `#/attention/${kind}/${encodeURIComponent(code)}`,
              },
              h('span', {}, t(kind)),
              h('b', {}, count(line[kind])),
            ),
          ),
        ),
    h('h2', {}, t('processes')),
    found.processes.length === 0
      ? h('p', { class: 'sparse' }, t('unworked'))
      : table(
          [t('process'), t('state'), t('breaker'), t('breakerTries')],
          found.processes.map((one) => ({
            cells: [
              h('td', { class: 'code' }, one.process),
              one.open
                ? t('open')
                : one.holds
                    .map(({ reason, why, until }) =>
                      [t(reason === 'breaker' ? 'broken' : reason), said(why), until ? `→ ${clock(until)}` : '']
                        .filter(Boolean)
                        .join(' · '),
                    )
                    .join('; '),
              `${breaker(one)}${one.breaker.why ? ` · ${said(one.breaker.why)}` : ''}`,
              one.breaker.tries === 0 ? t('noTries') : t('ofTries', one.breaker),
            ],
          })),
        ),
    found.announced.length === 0
      ? null
      : [
          h('h2', {}, t('announced')),
          table(
            [t('from'), t('to'), t('reason')],
            found.announced.map((window) => ({ cells: [window.start ?? '', window.end ?? '', window.why ?? ''] })),
          ),
        ],
    h(
      'p',
      {},
      h('a', { href: `#/messages/${encodeURIComponent(`agency=${code}`)}` }, `${t('recentMessages')} →`),
      ' · ',
      h('a', { href: `#/audit/${encodeURIComponent(`target=${code}`)}` }, `${t('audit')} →`),
    ),
  )
}
