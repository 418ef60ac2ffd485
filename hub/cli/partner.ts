// partner — `hub partner`: who may send, and where their receipts go. Each thing done about one has a file in the
// folder beside it.
import type { Command } from 'commander'
import { addAdd } from './partner/add.js'
import { addCertificates } from './partner/certificates.js'
import { addEdifact } from './partner/edifact.js'
import { addGrants } from './partner/grants.js'
import { addKeys } from './partner/keys.js'
import { addList } from './partner/list.js'
import { addSubscriptions } from './partner/subscriptions.js'
import { addWebhook } from './partner/webhook.js'

export function addPartner(program: Command): void {
  const partner = program
    .command('partner')
    .description('partners 企业: who may send and where their receipts go (needs HUB_OPS_KEY)')
  addAdd(partner)
  addList(partner)
  addKeys(partner)
  addCertificates(partner)
  addSubscriptions(partner)
  addGrants(partner)
  addWebhook(partner)
  addEdifact(partner)
}
