// file-doors — the doors that deal in files: the hub's own SFTP server, and the partners' servers it fetches from.
import { join } from 'node:path'
import { ownsKey } from '../../adapters/channels/sftp/login.js'
import { folderMark } from '../../adapters/channels/sftp/folder-mark.js'
import { startSftpDoor, type SftpDoor } from '../../adapters/channels/sftp/door.js'
import { inRanges } from '../../adapters/trust/address-ranges.js'
import { startSftpPoll, type SftpPoll } from '../../adapters/channels/sftp-poll/poll.js'
import { folderLease, foldersDiffer, mailboxesLease, otherFolder } from '../../messages/fleet.js'
import type { Accept, ReturnChannel } from '../../messages/inbound.js'
import type { Partner } from '../../messages/partner.js'
import type { MemoryBudget } from '../../messages/memory-budget.js'
import type { Rates } from '../../messages/rates.js'
import { receiptToXml } from '../../messages/receipt-xml.js'
import type { SignBytes } from '../../messages/sign-bytes.js'
import type { Ledger } from '../../store/ledger.js'
import type { Config } from '../config/config.js'
import { mailboxesOf } from '../config/folders.js'
import type { DescriptorShares } from '../base/descriptors.js'
import type { Leases } from '../base/leases.js'
import type { Log } from '../base/log.js'
import { hashSecret } from '../base/secrets.js'
import type { PartnerSecrets } from '../operate/partner-secrets.js'
import { MailboxElsewhere, type Deliver } from '../steps/give-back.js'

const mayCallFrom = ({ settings }: Pick<Partner, 'settings'>, address: string) => inRanges(settings.addresses, address)

/** How late an SFTP session notices that its access was withdrawn elsewhere. */
const recheckMs = 5_000

/** How long a poll that may not go on has for the file at hand. */
const withdrawnMs = 500

/** The doors while they are open. */
export interface FileDoors {
  port: number
  deliver: Partial<Record<ReturnChannel, Deliver>>
  /**
   * Brings sessions and polls in line with the partners as they are now: who may not come in any more is out when this
   * resolves.
   */
  refresh(): Promise<void>
  /** What is open of what there is a bound for. */
  usage(): Record<string, number>
  close(): Promise<void>
}

/** @see [startParts](../hub.ts) */
interface FileDoorsParts {
  config: Config
  ledger: Ledger
  /** @see [createAccept](../steps/accept.ts) */
  accept: Accept
  memory: MemoryBudget
  rates: Pick<Rates, 'turn'>
  /** Why new work is turned away for now, if it is. */
  turnedAway: () => Error | undefined
  shares: DescriptorShares
  /**
   * Told of every login that failed.
   * @see [createSignIns](./sign-ins.ts)
   */
  loginFailed: (who: { address: string; name: string }) => void
  log: Log
  secrets: PartnerSecrets
  leases: Pick<Leases, 'want' | 'under' | 'view'>
  /** The hub's signature over receipts; absent: they bear none. */
  sign: SignBytes | undefined
}

/** The SFTP door, and a poll for each partner that has a server of its own. */
export async function startFileDoors({
  config,
  ledger,
  accept,
  memory,
  rates,
  turnedAway,
  shares,
  loginFailed,
  log,
  secrets,
  leases,
  sign,
}: FileDoorsParts): Promise<FileDoors> {
  const { maxBytes, temporaryEndings } = config
  const limits = { maxBytes, temporaryEndings }
  const root = mailboxesOf(config.dataDir)
  const door: SftpDoor = await startSftpDoor({
    host: config.host,
    port: config.sftpPort,
    trustedProxies: config.sftp.trustedProxies,
    hostKeyFile: join(config.dataDir, 'sftp_host_key'),
    root,
    accept,
    memory,
    rates,
    renderReceipt: receiptToXml,
    sign,
    limits: {
      ...limits,
      maxConnections: shares.sftp,
      maxConnectionsPerPartner: shares.sftpPerPartner,
      maxStrangers: shares.sftpStrangers,
      maxStrangersPerAddress: shares.sftpStrangersPerAddress,
      maxHandles: Math.min(128, shares.handlesPerPartner),
      maxHandlesPerPartner: shares.handlesPerPartner,
      maxHandlesInAll: shares.handles,
      maxCopiesPerDay: config.refusedMegabytesPerDay * 1024 * 1024,
    },
    log,
    authenticate: {
      failed: loginFailed,
      async byKey(username, blob, address) {
        const partner = await ledger.getPartner(username)
        return partner && !partner.disabled && ownsKey(partner.sshKeys, blob) && mayCallFrom(partner, address)
          ? partner.partnerId
          : undefined
      },
      async byPassword(username, password, address) {
        const partner = await ledger.findBySecret('sftp', hashSecret(password))
        return partner?.partnerId === username && mayCallFrom(partner, address) ? username : undefined
      },
      async still(pass) {
        const { partnerId, address } = pass
        if ('passwordSha256' in pass) {
          const owner = await ledger.findBySecret('sftp', pass.passwordSha256)
          return owner?.partnerId === partnerId && mayCallFrom(owner, address)
        }
        const partner = await ledger.getPartner(partnerId)
        if (!partner || partner.disabled) return false
        return ownsKey(partner.sshKeys, pass.publicKey) && mayCallFrom(partner, address)
      },
    },
  })
  const mark = leases.view().shared ? await folderMark(root) : undefined
  if (mark !== undefined) leases.want(folderLease(mark))
  let used = false
  let differ = false
  /** Other hubs hear that partners come in here, and this one whether they come in elsewhere too. */
  async function lookAtFolders(): Promise<void> {
    if (mark === undefined) return
    if (!used && (await door.hasMailboxes())) {
      used = true
      leases.want(mailboxesLease(mark))
    }
    const before = differ
    differ = foldersDiffer(leases.view(), new Date())
    if (differ && !before) log.warn({ folder: root }, 'SFTP mailboxes of the hubs are in different folders')
  }
  await lookAtFolders()
  const fetches = config.roles.includes('doors')
  const polls = new Map<string, { settings: string; poll: SftpPoll; unwant: () => void }>()

  async function refreshPolls(): Promise<void> {
    const partners = await ledger.listPartners()
    const byId = new Map(partners.map((partner) => [partner.partnerId, partner]))
    const wanted = (partnerId: string): string | undefined => {
      const partner = byId.get(partnerId)
      return !partner || partner.disabled || !partner.settings.poll ? undefined : JSON.stringify(partner.settings.poll)
    }
    // All at once: one server that does not answer keeps none of the others.
    await Promise.all(
      [...polls].map(async ([partnerId, { settings, poll, unwant }]) => {
        if (settings === wanted(partnerId)) return
        polls.delete(partnerId)
        unwant()
        // Who may not go on is out within a second. A file between ledger and SentBox is known again when it is found.
        await poll.close(wanted(partnerId) === undefined ? withdrawnMs : undefined)
      }),
    )
    for (const partner of partners) {
      const settings = wanted(partner.partnerId)
      if (settings === undefined || polls.has(partner.partnerId)) continue
      const lease = `poll:${partner.partnerId}`
      const unwant = fetches ? leases.want(lease) : () => {}
      const poll = startSftpPoll({
        alone: (work) => leases.under(lease, work),
        partner,
        accept,
        memory,
        renderReceipt: receiptToXml,
        sign,
        limits,
        log,
        secret: secrets.password,
        readKey: secrets.key,
        turnedAway,
      })
      polls.set(partner.partnerId, { settings, poll, unwant })
    }
  }
  let polled: Promise<void> = Promise.resolve()
  async function refresh(): Promise<void> {
    // One after another, or a partner might get two polls.
    polled = polled.catch(() => {}).then(refreshPolls)
    await Promise.all([door.recheck(), polled])
  }
  await refresh()
  // A key may have expired, and another process may have changed a partner.
  const looking = setInterval(() => {
    lookAtFolders().catch((err: unknown) => log.warn({ err }, 'SFTP folder not read'))
    void door.recheck()
  }, recheckMs).unref()

  return {
    port: door.port,
    deliver: {
      async sftp({ partnerId, files }) {
        // The partner looks where it has come in; in a folder made here nobody would see it.
        const other = mark === undefined ? undefined : otherFolder(leases.view(), mark)
        if (other && !(await door.hasMailbox(partnerId))) {
          if (other === 'living') throw new MailboxElsewhere()
          throw new Error(`the mailbox of ${partnerId} is in the folder of a hub that is away`)
        }
        for (const { name, bytes } of await files()) await door.deliver({ partnerId, fileName: name, bytes })
      },
      async 'sftp-poll'({ partnerId, files }) {
        const running = polls.get(partnerId)
        if (!running) throw new Error(`partner ${partnerId} has no SFTP server to return to`)
        for (const { name, bytes } of await files()) await running.poll.deliver(name, bytes)
      },
    },
    refresh,
    usage() {
      const { connections, strangers, handles } = door.usage()
      return { 'sftp connections': connections, 'sftp connections not logged in': strangers, 'sftp files': handles }
    },
    async close() {
      clearInterval(looking)
      await Promise.all([door.close(), ...[...polls.values()].map(({ poll }) => poll.close())])
    },
  }
}
