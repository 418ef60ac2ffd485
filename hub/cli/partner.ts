// partner — who may send: add, change, list; subscriptions, webhook, and how its EDIFACT is read. Its keys are in
// partner-keys.
import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import {
  ChangedPartner,
  PartnerList,
  type PartnerView,
  SubscriptionList,
  WebhookRemoved,
  WebhookSet,
} from '../../messages/views/index.js'
import { answerAs, cannotRead, CliError, createClient } from './client.js'
import { addGrants, grantFilings, type GrantOptions } from './partner-grants.js'
import { addCertificates } from './partner-certificates.js'
import { addKeys, newKey } from './partner-keys.js'
import { print, table, when, zone } from './show.js'
import { jsonOption, whyOption } from './options.js'

type PartnerRate = NonNullable<PartnerView['settings']['rate']>

export function addPartner(program: Command): void {
  const partner = program
    .command('partner')
    .description('partners 企业: who may send and where their receipts go (needs HUB_OPS_KEY)')
  partner
    .command('add')
    .argument('<id>', 'short name, also the SFTP user: a-z, 0-9, -')
    .description('add a partner and print its HTTP key once; or change only the given settings of a partner')
    .option('-n, --name <name>', 'company name; a new partner needs one')
    .option(
      '-r, --rights <codes...>',
      'catalogue codes or prefixes it may use, e.g. 10.1 1.1; * for all; a new one has none',
    )
    .option('-k, --ssh-key <file...>', 'OpenSSH public key files for the SFTP door')
    .option(
      '--rate <limits...>',
      'limit for each second: calls=200, bytes=16MB (after decompression), one or both; usual: the limit of hub.yaml',
    )
    .option(
      '--addresses <ranges...>',
      'addresses and ranges it may connect from: 192.0.2.0/24 2001:db8::/32; any: everywhere',
    )
    .option(
      '--certificate <rule>',
      'require: over HTTP a client certificate is needed; optional: a key alone is enough',
    )
    .option(
      '--signatures <rule>',
      'verify the signatures of its messages 验签: require, warn or off; register certificates with `hub partner ' +
        'certificate add`',
    )
    .option('--native', 'business receipts as the agency sent them, not in the hub’s form')
    .option('--hub-form', 'business receipts in the hub’s form again')
    .option(...jsonOption)
    .action(
      async (
        partnerId: string,
        options: {
          name?: string
          rights?: string[]
          sshKey?: string[]
          rate?: string[]
          addresses?: string[]
          certificate?: string
          signatures?: string
          native?: boolean
          hubForm?: boolean
          json?: boolean
        },
      ) => {
        const rate = options.rate && readRate(options.rate)
        const settings = {
          ...(options.rights ? { rights: options.rights } : {}),
          ...(rate ? { rate } : {}),
          ...(options.addresses ? { addresses: options.addresses.filter((range) => range !== 'any') } : {}),
          ...(options.certificate ? { certificate: options.certificate } : {}),
          ...(options.signatures ? { signatures: options.signatures } : {}),
          ...(options.native ? { receipts: 'native' } : options.hubForm ? { receipts: 'hub' } : {}),
        }
        const changed = await createClient().act(ChangedPartner, '/ops/partners', {
          partnerId,
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(options.sshKey ? { sshKeys: options.sshKey.flatMap((file) => readKeys(file)) } : {}),
          ...(Object.keys(settings).length > 0 ? { settings } : {}),
        })
        if (!changed.created)
          return print(
            changed,
            options.json === true,
            () => `${partnerId} is changed 已修改; its keys stay as they are`,
          )
        await newKey(partnerId, { kind: 'http', label: 'first key' }, options.json === true)
        if (changed.settings.rights.length === 0)
          process.stderr.write(`${partnerId} may do nothing yet 尚无权限: hub partner add ${partnerId} --rights …\n`)
      },
    )
  partner
    .command('list')
    .description('list all partners')
    .option(...jsonOption)
    .action(async ({ json }: { json?: boolean }) => {
      const body = await createClient().read(PartnerList, '/ops/partners', { ops: true })
      print(body, json === true, () =>
        table([
          ['PARTNER', 'RIGHTS', 'RECEIPTS', 'RATE 限速', 'SSH KEYS', 'NAME'],
          ...body.partners.map((p) => [
            p.partnerId + (p.disabled ? ' (disabled)' : ''),
            p.settings.rights.join(' '),
            p.settings.receipts,
            rateOf(p.settings.rate),
            String(p.sshKeys.length),
            p.name,
          ]),
        ]),
      )
    })
  addKeys(partner)
  addCertificates(partner)
  addSubscriptions(partner)
  addGrants(partner)
  addWebhook(partner)
  addEdifact(partner)
}

/** Notices 通知: what a partner is told of when an agency speaks first. */
function addSubscriptions(partner: Command): void {
  const path = (partnerId: string) => `/ops/partners/${encodeURIComponent(partnerId)}/subscriptions`
  const show = async (response: Response, json: boolean) => {
    const body = await answerAs(SubscriptionList, response)
    print(body, json, () =>
      table([
        ['OPERATION', 'ABOUT', 'CHANNEL', 'GRANTED 授权'],
        ...body.subscriptions.map((s) => [
          s.operation,
          s.reference ?? 'everything',
          s.channel,
          s.granted ? 'yes' : 'no: only notices that name its company',
        ]),
      ]),
    )
  }
  partner
    .command('subscriptions')
    .argument('<id>')
    .description('its subscriptions to notices, and which of them an operator has granted')
    .option(...jsonOption)
    .action(async (partnerId: string, { json }: { json?: boolean }) =>
      show(await createClient().call(path(partnerId), { ops: true }), json === true),
    )
  partner
    .command('subscribe')
    .argument('<id>')
    .argument('<operation>', 'catalogue code of a notice, or a prefix of it, e.g. 18.2.1')
    .description(
      'subscribe it to notices 订阅通知; without --reference: all notices of the operation, also those about other ' +
        'companies',
    )
    .option('-r, --reference <number>', 'only those that name this number')
    .option('-c, --channel <channel>', 'http, sftp or sftp-poll', 'http')
    .option(...jsonOption)
    .action(
      async (
        partnerId: string,
        operation: string,
        { reference, channel, json }: { reference?: string; channel: string; json?: boolean },
      ) =>
        show(
          await createClient().post(path(partnerId), { operation, channel, ...(reference ? { reference } : {}) }),
          json === true,
        ),
    )
  partner
    .command('grant')
    .argument('<id>')
    .argument(
      '[operation]',
      'as `hub partner subscriptions` shows it; with --to: an operation code, or the beginning of one',
    )
    .description(
      'with --to: let another partner see its filings in queries 授权查询; else: grant a subscription that it made 授权订阅',
    )
    .option('-t, --to <partner>', 'the partner that may see its filings; with --to-file: that may file for it')
    .option('--to-file', 'with --to: that partner may file in the name of its companies 授权代理申报')
    .option('-u, --until <date>', 'with --to: the last day, such as 2027-06-30, or a moment')
    .option('--company <code>', 'with --to: only filings that name this company')
    .option('-r, --reference <number>', 'as `hub partner subscriptions` shows it')
    .option(...whyOption)
    .option(...jsonOption)
    .action(async (partnerId: string, operation: string | undefined, options: GrantOptions) => {
      const { reference, why, json } = options
      if (options.to !== undefined) return grantFilings(partnerId, operation, options)
      if (operation === undefined) throw new CliError('name the operation of the subscription, or --to <partner>')
      return show(
        await createClient().post(`${path(partnerId)}/grant`, {
          operation,
          ...(reference ? { reference } : {}),
          ...(why ? { why } : {}),
        }),
        json === true,
      )
    })
  partner
    .command('unsubscribe')
    .argument('<id>')
    .argument('<operation>')
    .description('end a subscription 取消订阅')
    .option('-r, --reference <number>')
    .option(...jsonOption)
    .action(async (partnerId: string, operation: string, { reference, json }: { reference?: string; json?: boolean }) =>
      show(
        await createClient().call(
          `${path(partnerId)}?${new URLSearchParams({ operation, ...(reference ? { reference } : {}) })}`,
          { ops: true, method: 'DELETE' },
        ),
        json === true,
      ),
    )
}

/** Webhooks 回调: receipts posted to the partner's own URL, signed. */
function addWebhook(partner: Command): void {
  partner
    .command('webhook')
    .argument('<id>')
    .argument('[url]', 'https://… ; give the same URL to enable a disabled webhook')
    .description('send its receipts to this URL; prints the secret that signs the calls')
    .option('--stages <stages...>', 'which receipts go there: technical, business, notice', ['business', 'notice'])
    .option('--new-secret', 'make a new secret; the old one stays valid for a day')
    .option('--overlap <hours>', 'with --new-secret: hours for which the old one stays valid, 0 to 168', '24')
    .option('--remove', 'remove the webhook')
    .option(...jsonOption)
    .action(
      async (
        partnerId: string,
        url: string | undefined,
        {
          stages,
          newSecret = false,
          overlap,
          remove,
          json,
        }: { stages: string[]; newSecret?: boolean; overlap: string; remove?: boolean; json?: boolean },
      ) => {
        const client = createClient()
        const path = `/ops/partners/${encodeURIComponent(partnerId)}`
        if (remove)
          return print(
            await answerAs(WebhookRemoved, await client.call(`${path}/webhook`, { ops: true, method: 'DELETE' })),
            json === true,
            () => `${partnerId} has no webhook any more; its receipts wait in the mailbox`,
          )
        if (url === undefined) throw new CliError('name the URL, or --remove')
        const set = await client.act(WebhookSet, `${path}/webhook`, {
          ...{ url, newSecret, stages },
          ...(newSecret ? { overlapHours: Number(overlap) } : {}),
        })
        print(
          set,
          json === true,
          () =>
            `receipts of ${partnerId} (${stages.join(', ')}) go to ${url}\n` +
            `secret for X-Hub-Signature: ${set.secret}\n` +
            `the same for libraries of Standard Webhooks: ${set.standardSecret}` +
            (set.previousUntil === undefined
              ? ''
              : `\nthe old secret holds too, until ${when(set.previousUntil)} ${zone}`),
        )
      },
    )
}

/** EDIFACT: how a partner's interchanges are read, where they are not what their envelopes say. */
function addEdifact(partner: Command): void {
  partner
    .command('edifact')
    .argument('<id>')
    .description(
      'settings for reading its EDIFACT where UNB and UNH are wrong 报文读取设置; without options: show them',
    )
    .option('--charset <name>', 'the real encoding, whatever UNB says: gbk, utf-8, big5, windows-1252')
    .option(
      '--codes <level>',
      'binding (default): an unknown code is an error in elements that decide how a message is read; strict: in ' +
        'every element; off: never',
    )
    .option(
      '--agree <element=codes...>',
      'codes agreed in addition to the directories, e.g. 6311=VGM 1153=AAX,ABX; they replace those agreed ' +
        'before for the same element',
    )
    .option('--release <from=to...>', 'read one release with the tables of another, e.g. D95A=D95B')
    .option('--reset', 'remove these settings')
    .option(...jsonOption)
    .action(
      async (
        partnerId: string,
        {
          charset,
          codes,
          agree,
          release,
          reset,
          json,
        }: {
          charset?: string
          codes?: string
          agree?: string[]
          release?: string[]
          reset?: boolean
          json?: boolean
        },
      ) => {
        const client = createClient()
        const { partners } = await client.read(PartnerList, '/ops/partners', { ops: true })
        const known = partners.find((one) => one.partnerId === partnerId)
        if (!known) throw new CliError(`there is no partner ${partnerId}; \`hub partner list\` shows them`)
        const pairs = (release ?? []).map((one) => one.split('='))
        if (pairs.some((pair) => pair.length !== 2)) throw new CliError('--release takes pairs such as D95A=D95B')
        const agreed = (agree ?? []).map((one): [string, string[]] => {
          const [, element, list] = /^(\d{4})=([^,=]+(?:,[^,=]+)*)$/.exec(one) ?? []
          if (!element || !list)
            throw new CliError('--agree takes an element and its codes, such as 6311=VGM or 1153=AAX,ABX')
          return [element, list.split(',')]
        })
        const before = reset ? undefined : known.settings.edifact
        const changes = {
          ...(charset === undefined ? {} : { charset }),
          ...(codes === undefined && agree === undefined
            ? {}
            : {
                codes: {
                  ...before?.codes,
                  ...(codes === undefined ? {} : { level: codes }),
                  ...(agree === undefined
                    ? {}
                    : { agreed: { ...before?.codes?.agreed, ...Object.fromEntries(agreed) } }),
                },
              }),
          ...(release === undefined ? {} : { releases: Object.fromEntries(pairs) as Record<string, string> }),
        }
        const edifact = { ...before, ...changes }
        if (reset || Object.keys(changes).length > 0)
          await client.act(ChangedPartner, '/ops/partners', {
            partnerId,
            name: known.name,
            disabled: known.disabled,
            settings: { edifact },
          })
        print({ partnerId, edifact }, json === true, () =>
          Object.keys(edifact).length === 0
            ? `EDIFACT of ${partnerId} is read as its envelopes say`
            : `EDIFACT of ${partnerId} is read with ${JSON.stringify(edifact)}`,
        )
      },
    )
}

const units: Record<string, number> = { '': 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }

/** `calls=200 bytes=16MB`; `usual`: nothing of its own. What is not named is as for all. */
function readRate(limits: readonly string[]): PartnerRate {
  if (limits.length === 1 && limits[0] === 'usual') return {}
  return Object.fromEntries(
    limits.map((limit) => {
      const [, what, number, unit = ''] = /^(calls|bytes)=(\d+)(kB|MB|GB)?$/.exec(limit) ?? []
      if (what === undefined || (what === 'calls' && unit !== ''))
        throw new CliError(`--rate takes calls=200, bytes=16MB (kB, MB, GB), or usual; not ${limit}`)
      return [`${what}PerSecond`, Number(number) * units[unit]!]
    }),
  )
}

/** As `--rate` takes it. */
function rateOf({ callsPerSecond, bytesPerSecond }: PartnerRate = {}): string {
  const size = (bytes: number) => {
    const [unit, factor] = Object.entries(units).findLast(([, one]) => bytes % one === 0)!
    return `${bytes / factor}${unit}`
  }
  const own = [
    ...(callsPerSecond === undefined ? [] : [`calls=${callsPerSecond}`]),
    ...(bytesPerSecond === undefined ? [] : [`bytes=${size(bytesPerSecond)}`]),
  ]
  return own.length > 0 ? own.join(' ') : 'usual'
}

function readKeys(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'))
  } catch (error) {
    throw cannotRead(file, error)
  }
}
