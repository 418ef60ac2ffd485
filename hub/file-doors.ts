// file-doors — the doors that deal in files: the hub's own SFTP server, and the partners' servers it fetches from.
import { join } from 'node:path'
import { ownsKey } from '../adapters/channels/sftp/login.js'
import { startSftpDoor, type SftpDoor } from '../adapters/channels/sftp/door.js'
import { startSftpPoll, type SftpPoll } from '../adapters/channels/sftp-poll/poll.js'
import type { Accept, ReturnChannel } from '../messages/inbound.js'
import { receiptToXml } from '../messages/receipt-xml.js'
import type { Ledger } from '../store/ledger.js'
import type { Config } from './config.js'
import type { Log } from './log.js'
import { hashSecret } from './partner-book.js'
import type { Deliver } from './steps/give-back.js'

export interface FileDoors {
  port: number
  deliver: Partial<Record<ReturnChannel, Deliver>>
  /** Brings the polls in line with the partners as they are now. */
  refresh(): Promise<void>
  close(): Promise<void>
}

export interface FileDoorsParts {
  config: Config
  ledger: Ledger
  accept: Accept
  /** Why new work is turned away for now, if it is. */
  turnedAway: () => Error | undefined
  log: Log
  env: NodeJS.ProcessEnv
}

export async function startFileDoors({
  config,
  ledger,
  accept,
  turnedAway,
  log,
  env,
}: FileDoorsParts): Promise<FileDoors> {
  const limits = { maxBytes: config.maxBytes }
  const door: SftpDoor = await startSftpDoor({
    host: config.host,
    port: config.sftpPort,
    hostKeyFile: join(config.dataDir, 'sftp_host_key'),
    root: join(config.dataDir, 'sftp'),
    accept,
    renderReceipt: receiptToXml,
    limits,
    log,
    authenticate: {
      async byKey(username, blob) {
        const partner = await ledger.getPartner(username)
        return partner && !partner.disabled && ownsKey(partner.sshKeys, blob) ? partner.partnerId : undefined
      },
      async byPassword(username, password) {
        const partner = await ledger.findBySecret('sftp', hashSecret(password))
        return partner?.partnerId === username ? username : undefined
      },
    },
  })
  const polls = new Map<string, { settings: string; poll: SftpPoll }>()

  async function refresh(): Promise<void> {
    const partners = await ledger.listPartners()
    for (const partner of partners) {
      const settings = partner.disabled || !partner.settings.poll ? undefined : JSON.stringify(partner.settings.poll)
      const running = polls.get(partner.partnerId)
      if (running?.settings === settings) continue
      polls.delete(partner.partnerId)
      await running?.poll.close()
      if (settings !== undefined)
        polls.set(partner.partnerId, {
          settings,
          poll: startSftpPoll({
            partner,
            accept,
            renderReceipt: receiptToXml,
            limits,
            log,
            secret: (name) => env[name],
            turnedAway,
          }),
        })
      if (partner.disabled) door.disconnect(partner.partnerId)
    }
  }
  await refresh()

  return {
    port: door.port,
    deliver: {
      sftp: ({ partnerId, file }) => door.deliver({ partnerId, fileName: file.name, bytes: file.bytes }),
      async 'sftp-poll'({ partnerId, file }) {
        const running = polls.get(partnerId)
        if (!running) throw new Error(`partner ${partnerId} has no SFTP server to return to`)
        await running.poll.deliver(file.name, file.bytes)
      },
    },
    refresh,
    async close() {
      await Promise.all([door.close(), ...[...polls.values()].map(({ poll }) => poll.close())])
    },
  }
}
