// searching — for people: a message by whatever number somebody reads out on the phone, and what is known of each partner at a glance.
import type Database from 'better-sqlite3'
import type { Ledger, PartnerFacts } from '../ledger.js'

export function createSearching({ db }: { db: Database.Database }): Pick<Ledger, 'findByNumber' | 'partnerFacts'> {
  const byId = db.prepare<[string], { message_id: string }>('select message_id from message where message_id = ?')
  const bySubmission = db.prepare<[string], { message_id: string }>('select message_id from submission where submission_id = ?')
  const byReceipt = db.prepare<[string], { message_id: string }>('select message_id from receipt where receipt_id = ?')
  const byReference = db.prepare<[string, number], { message_id: string }>('select message_id from message where reference = ? order by received_at desc limit ?')
  const byKey = db.prepare<[string, string, string, number], { message_id: string }>('select s.message_id from correlation c join submission s on s.n = c.submission_n where c.agency = ? and c.name = ? and c.value = ? order by c.submission_n desc limit ?')
  const lastSeen = db.prepare<[string], { at: number | null }>('select max(received_at) as at from message where partner_id = ?')
  const partners = db.prepare<[], { partner_id: string; name: string; disabled: number }>('select partner_id, name, disabled from partner order by partner_id')
  const inVain = db.prepare<[], { partner_id: string; n: number }>(`select partner_id, count(*) as n from receipt where (return_state = 'abandoned' or (return_state = 'owed' and return_attempts > 0)) group by partner_id`)

  return {
    async findByNumber(text, { agencies, names }, limit) {
      const found = new Set<string>()
      const add = (rows: { message_id: string }[]) => rows.forEach(({ message_id }) => found.add(message_id))
      if (/^(msg|sub|rcp)_/.test(text)) add([...byId.all(text), ...bySubmission.all(text), ...byReceipt.all(text)])
      add(byReference.all(text, limit))
      // Every look-up is one step down an index; there are some hundreds of them, and one person who asks.
      for (const agency of agencies) for (const name of names) if (found.size < limit) add(byKey.all(agency, name, text, limit))
      return [...found].slice(0, limit)
    },
    async partnerFacts() {
      const undelivered = new Map(inVain.all().map((row) => [row.partner_id, row.n]))
      return partners.all().map(({ partner_id, name, disabled }): PartnerFacts => {
        const { at } = lastSeen.get(partner_id)!
        return { partnerId: partner_id, name, disabled: disabled === 1, undelivered: undelivered.get(partner_id) ?? 0, ...(at === null ? {} : { lastSeen: new Date(at).toISOString() }) }
      })
    },
  }
}
