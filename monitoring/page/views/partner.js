// partner — one partner: what waits in its mailbox, its webhook, its keys and rights, and the acts that take access
// back.
import { ask } from '../ask.js'
import { h, show, table, toast } from '../dom.js'
import { call, latest, look, may, ownAgency, remove } from '../live.js'
import { namesRead } from '../names.js'
import { clock, count, since, t } from '../text.js'
import { messageTable } from './messages.js'

/**
 * @typedef {import('../../../messages/views/index.js').PartnerList} PartnerList
 * @typedef {import('../../../messages/views/index.js').KeyList} KeyList
 * @typedef {import('../../../messages/views/index.js').SigningCertificateList} SigningCertificateList
 * @typedef {import('../../../messages/views/index.js').SigningCertificateView} SigningCertificateView
 * @typedef {import('../../../messages/views/index.js').MailboxList} MailboxList
 * @typedef {import('../../../messages/views/index.js').MessagePage} MessagePage
 */

/** @param {import('../app.js').Shown} page */
export async function partner({ main, rest: [id], again, stillHere }) {
  show(main, h('p', { class: 'sparse' }, t('loading')))
  const path = `/ops/partners/${encodeURIComponent(id)}`
  /**
   * @type {[PartnerList, KeyList, SigningCertificateList, MailboxList, MessagePage,
   * import('../../../messages/views/index.js').AgentList, void]}
   */
  const [{ partners }, { keys }, { certificates }, { mailboxes }, { messages }, agents] = await Promise.all([
    call('/ops/partners'),
    call(`${path}/keys`),
    call(`${path}/certificates`),
    call('/ops/mailboxes'),
    call(`/ops/messages?limit=20&partnerId=${encodeURIComponent(id)}${ownAgency()}`),
    call(`${path}/agents`),
    namesRead(),
  ])
  if (!stillHere()) return
  const found = partners.find(({ partnerId }) => partnerId === id)
  if (!found) return void show(main, h('p', { class: 'sparse bad' }, t('gone')))
  const line = latest?.partners.find(({ partnerId }) => partnerId === id)
  const box = mailboxes.find(({ partnerId }) => partnerId === id)
  const fact = (word, ...value) => [h('dt', {}, t(word)), h('dd', {}, ...value)]
  const { rights = [], receipts, webhook, signatures = 'off' } = found.settings

  const switchOver = async () => {
    const verb = found.disabled ? 'enable' : 'disable'
    const warns = found.disabled ? undefined : t('disableWarns')
    const answer = await ask(`${t(verb)} · ${found.name}`, { verb: t(verb), warns, danger: !found.disabled })
    if (!answer) return
    await call(`${path}/${verb}`, answer)
    toast(t('done'))
    await look()
    await again()
  }
  /**
   * @param {'keys' | 'certificates'} where
   * @param {{ id: string, label?: string }} key
   * @param {string} warns
   */
  const revoke = (where, key, warns) => async () => {
    const answer = await ask(`${t('revoke')} · ${key.label || key.id}`, {
      verb: t('revoke'),
      warns: t(warns),
      danger: true,
    })
    if (!answer) return
    await remove(`${path}/${where}/${encodeURIComponent(key.id)}?why=${encodeURIComponent(answer.why)}`)
    toast(t('done'))
    await again()
  }

  show(
    main,
    h('p', {}, h('a', { href: '#/partners' }, `← ${t('partners')}`)),
    h(
      'h1',
      {},
      found.name,
      ' ',
      h('span', { class: 'quiet code' }, id),
      ' ',
      found.disabled ? h('span', { class: 'badge watch' }, t('disabled')) : '',
    ),
    may(`${path}/${found.disabled ? 'enable' : 'disable'}`)
      ? h(
          'div',
          { class: 'row' },
          h('button', { type: 'button', click: switchOver }, t(found.disabled ? 'enable' : 'disable')),
        )
      : null,
    h(
      'dl',
      { class: 'facts' },
      fact('lastSeen', clock(line?.lastSeen)),
      fact(
        'mailbox',
        box ? `${count(box.waiting)} · ${t('oldestInMailbox')} ${clock(box.oldestAt)} (${since(box.oldestAt)})` : '0',
      ),
      fact(
        'undelivered',
        line?.undelivered ? h('a', { href: '#/attention/undelivered' }, count(line.undelivered)) : '0',
      ),
      fact('rights', h('span', { class: 'code' }, rights.length === 0 ? '–' : rights.join(' '))),
      fact('receiptForm', receipts),
      fact('verification', t(`verification-${signatures}`)),
      webhook
        ? fact(
            'webhook',
            h('span', { class: 'code' }, webhook.url),
            webhook.disabled
              ? h(
                  'span',
                  { class: 'bad' },
                  ` ${t('webhookDisabled')} ${clock(webhook.disabled.at)}: ${webhook.disabled.why}`,
                )
              : '',
          )
        : null,
    ),
    h('h2', {}, t('secrets')),
    keys.length === 0
      ? h('p', { class: 'sparse' }, t('nothing'))
      : table(
          [t('kind'), t('label'), t('created'), t('lastUsed'), t('expires'), ''],
          keys.map((key) => ({
            cells: [
              key.kind,
              key.label ?? '',
              clock(key.createdAt),
              clock(key.lastUsedAt),
              clock(key.expiresAt),
              h(
                'td',
                {},
                h(
                  'div',
                  { class: 'row-actions' },
                  may(`${path}/keys/${key.id}`, 'DELETE')
                    ? h(
                        'button',
                        { type: 'button', class: 'danger', click: revoke('keys', key, 'revokeWarns') },
                        t('revoke'),
                      )
                    : null,
                ),
              ),
            ],
          })),
        ),
    certificates.length === 0
      ? null
      : [
          h('h2', {}, t('signingCertificates')),
          table(
            [t('number'), t('subject'), t('label'), t('expires'), { class: 'n', text: t('daysLeft') }, ''],
            certificates.map((one) => ({ cells: certificateCells(one, revoke) })),
          ),
        ],
    agents.given.length + agents.received.length === 0
      ? null
      : [
          h('h2', {}, t('agents')),
          table(
            [t('state'), t('partner'), t('operation'), t('company'), t('until')],
            [
              ...agents.given.map((one) => ({ word: 'agentsGiven', id: one.partner, one })),
              ...agents.received.map((one) => ({ word: 'agentsReceived', id: one.owner, one })),
            ].map(({ word, id: other, one }) => ({
              cells: [
                t(word),
                h('td', {}, h('a', { href: `#/partner/${encodeURIComponent(other)}` }, other)),
                h('td', { class: 'code' }, one.operation ?? t('all')),
                h('td', { class: 'code' }, one.company ?? t('all')),
                clock(one.until),
              ],
            })),
          ),
        ],
    agents.uses.length === 0
      ? null
      : [
          h('h2', {}, t('agentUses')),
          table(
            [
              ...[t('filedBy'), t('filedFor'), t('operation'), t('company')],
              ...[{ class: 'n', text: t('filings') }, t('firstFiled'), t('lastFiled')],
            ],
            agents.uses.map((one) => ({
              cells: [
                one.partner,
                one.owner,
                h('td', { class: 'code' }, one.operation ?? t('all')),
                h('td', { class: 'code' }, one.company ?? t('all')),
                h('td', { class: 'n' }, String(one.filings)),
                clock(one.firstAt),
                clock(one.lastAt),
              ],
            })),
          ),
        ],
    h('h2', {}, t('recentMessages')),
    messages.length === 0 ? h('p', { class: 'sparse' }, t('nothing')) : messageTable(messages),
    h(
      'p',
      {},
      h('a', { href: `#/messages/${encodeURIComponent(`partner=${id}`)}` }, `${t('browse')} →`),
      ' · ',
      h('a', { href: `#/audit/${encodeURIComponent(`target=${id}`)}` }, `${t('audit')} →`),
    ),
  )
}

/** From this many days on, a certificate that nobody has renewed needs a person. */
const fewDays = 30

/**
 * @param {SigningCertificateView} one
 * @param {(where: 'certificates', key: SigningCertificateView, warns: string) => () => Promise<void>} revoke
 */
const certificateCells = (one, revoke) => [
  h('td', { class: 'code' }, one.number),
  one.subject,
  one.label,
  clock(one.notAfter),
  one.revokedAt
    ? h('td', { class: 'n quiet' }, `${t('revoked')} ${clock(one.revokedAt)}`)
    : h('td', { class: one.daysLeft <= fewDays ? 'n bad' : 'n' }, String(one.daysLeft)),
  h(
    'td',
    {},
    one.revokedAt || !may('/ops/partners/:id/certificates/:certificate', 'DELETE')
      ? ''
      : h(
          'div',
          { class: 'row-actions' },
          h(
            'button',
            { type: 'button', class: 'danger', click: revoke('certificates', one, 'revokeCertificateWarns') },
            t('revoke'),
          ),
        ),
  ),
]
