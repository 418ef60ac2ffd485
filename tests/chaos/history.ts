// history — what everybody saw of a run, and whether that keeps the promises: partners at their doors, agencies that
// wrote down what they took and said, and the ledger at the end. Pure: events in, one sentence for each violation out.

/** A message as its sender remembers it. Sent again after a lost answer it is still one. */
export interface Sent {
  partner: string
  reference: string
  /** The business document it speaks of, where its sender sent several about one. */
  document?: string
  /** Of the bytes that were sent. */
  sha256: string
  /** The door's last word. `unknown`: no answer was ever seen, so it may be there or not. */
  said: 'accepted' | 'refused' | 'unknown'
  /** Every id an answer gave it. */
  messageIds: string[]
}

/** A message an agency took, once an entry, in the order in which that agency took them. */
export interface Filed {
  agency: string
  submissionId: string
  reference: string
  /** Of the bytes that came. */
  sha256: string
}

/** An answer an agency posted and the hub took. */
export interface Answered {
  agency: string
  submissionId: string
  /** Of the answer's own bytes. */
  bodySha256: string
}

/**
 * What a partner did with a receipt, in the order of that partner's doing. `asked`: it has sent the acknowledgement;
 * `acknowledged`: it was told that it counts.
 */
export interface Handled {
  partner: string
  what: 'read' | 'asked' | 'acknowledged'
  receiptId: string
  messageId: string
}

/** A message as the ledger has it at the end. */
export interface Kept {
  messageId: string
  partner: string
  reference: string
  state: string
  /** Of the bytes the ledger gives back. */
  sha256: string
  submissions: { submissionId: string; agency: string; state: string }[]
  receipts: { receiptId: string; stage: string; agency?: string; bodySha256?: string }[]
}

/** Each list in the order in which its events came about. */
export interface History {
  sent: Sent[]
  filed: Filed[]
  answered: Answered[]
  handled: Handled[]
  kept: Kept[]
}

export interface Verdict {
  violations: string[]
  accepted: number
  refused: number
  /** Nobody ever saw what the door said. */
  unknown: number
  filed: number
  /** Submissions of which nobody knows whether their agency has them: a person sees them. */
  unclear: number
  /** Submissions given up: a person sees them. */
  dead: number
  receipts: number
}

/** @param handed false before partners had the time to read everything: then an unread receipt is no violation */
export function checkHistory(history: History, { handed = true } = {}): Verdict {
  const facts = index(history)
  return {
    violations: [
      ...accepted(facts),
      ...filedOnce(facts),
      ...refusedStaysHere(facts),
      ...inOrder(facts),
      ...answersAreKept(facts),
      ...receiptsComeHome(facts, handed),
      ...receiptsReachNobodyElse(facts),
    ],
    accepted: history.sent.filter(({ said }) => said === 'accepted').length,
    refused: history.sent.filter(({ said }) => said === 'refused').length,
    unknown: history.sent.filter(({ said }) => said === 'unknown').length,
    filed: history.filed.length,
    unclear: submissionsIn(history, 'unclear'),
    dead: submissionsIn(history, 'dead'),
    receipts: new Set(history.handled.map(({ receiptId }) => receiptId)).size,
  }
}

const submissionsIn = ({ kept }: History, state: string) =>
  kept.flatMap(({ submissions }) => submissions).filter((one) => one.state === state).length

interface Facts extends History {
  keptById: Map<string, Kept>
  keptOf: Map<string, Kept[]>
  messageOf: Map<string, Kept>
  timesFiled: Map<string, number>
}

const nameOf = (partner: string, reference: string) => `${partner} ${reference}`

function index(history: History): Facts {
  const facts: Facts = {
    ...history,
    keptById: new Map(history.kept.map((kept) => [kept.messageId, kept])),
    keptOf: grouped(history.kept, ({ partner, reference }) => nameOf(partner, reference)),
    messageOf: new Map(
      history.kept.flatMap((kept) => kept.submissions.map(({ submissionId }) => [submissionId, kept] as const)),
    ),
    timesFiled: new Map(),
  }
  for (const { submissionId } of history.filed)
    facts.timesFiled.set(submissionId, (facts.timesFiled.get(submissionId) ?? 0) + 1)
  return facts
}

function grouped<T>(all: T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const group = groups.get(keyOf(one))
    if (group) group.push(one)
    else groups.set(keyOf(one), [one])
  }
  return groups
}

/** Promises 1, 5 and 8: what was accepted is there, once, as it was sent. */
function* accepted({ sent, keptById, keptOf }: Facts): Generator<string> {
  for (const { partner, reference, sha256, said, messageIds } of sent) {
    const what = `message ${reference} of ${partner}`
    const ids = new Set(messageIds)
    if (ids.size > 1 && said !== 'refused') yield `${what} was answered as several messages: ${[...ids].join(', ')}`
    const there = (keptOf.get(nameOf(partner, reference)) ?? []).filter(({ state }) => state !== 'refused')
    if (there.length > 1) yield `${what} is in the ledger ${there.length} times`
    if (said !== 'accepted') continue
    for (const id of ids)
      if (keptById.get(id)?.partner !== partner) yield `${what} was accepted as ${id} and is not in the ledger`
    if (ids.size === 0 && there.length === 0) yield `${what} was accepted and is not in the ledger`
    for (const kept of there) if (kept.sha256 !== sha256) yield `${what} has other bytes than were sent`
  }
}

/** Promises 2, 3 and 7: with each of its agencies once, or a person sees it. */
function* filedOnce({ filed, kept, sent, messageOf, timesFiled }: Facts): Generator<string> {
  const bytesOf = new Map(sent.map(({ partner, reference, sha256 }) => [nameOf(partner, reference), sha256]))
  for (const { messageId, partner, reference, state, submissions } of kept) {
    const what = `message ${reference} of ${partner}`
    if (state !== 'refused' && submissions.length === 0) yield `${what} is owed to no agency`
    for (const { submissionId, agency, state: stands } of submissions) {
      const times = timesFiled.get(submissionId) ?? 0
      if (times > 1) yield `${what} was filed with ${agency} ${times} times`
      if (times === 0 && stands !== 'unclear' && stands !== 'dead')
        yield `${what} never reached ${agency}, and stands as ${stands}`
    }
    const agencies = submissions.map(({ agency }) => agency)
    if (new Set(agencies).size < agencies.length) yield `${what} (${messageId}) is owed to one agency several times`
  }
  const references = new Map<string, Set<string>>()
  for (const { agency, submissionId, reference, sha256 } of filed) {
    const of = messageOf.get(submissionId)
    if (!of) {
      yield `${agency} took ${reference} as ${submissionId}, which the ledger does not know`
      continue
    }
    const what = `message ${of.reference} of ${of.partner}`
    if (of.reference !== reference) yield `${what} was filed with ${agency} as ${reference}`
    const bytes = bytesOf.get(nameOf(of.partner, of.reference))
    if (bytes === undefined) yield `${what} was filed with ${agency} and nobody sent it`
    else if (bytes !== sha256) yield `${what} was filed with ${agency} with other bytes than were sent`
    const key = `${agency} ${nameOf(of.partner, reference)}`
    const ways = references.get(key) ?? new Set()
    references.set(key, ways.add(submissionId))
  }
  for (const [key, ways] of references)
    if (ways.size > 1) {
      const [agency, partner, reference] = key.split(' ')
      yield `message ${reference} of ${partner} was filed with ${agency} ${ways.size} times, as ${[...ways].join(', ')}`
    }
}

/** What was refused goes nowhere. */
function* refusedStaysHere({ sent, keptOf, timesFiled }: Facts): Generator<string> {
  for (const { partner, reference, said } of sent) {
    if (said !== 'refused') continue
    const submissions = (keptOf.get(nameOf(partner, reference)) ?? []).flatMap((kept) => kept.submissions)
    const filed = submissions.filter(({ submissionId }) => timesFiled.has(submissionId))
    for (const { agency } of filed) yield `message ${reference} of ${partner} was refused and filed with ${agency}`
    if (filed.length === 0 && submissions.length > 0)
      yield (
        `message ${reference} of ${partner} was refused and is owed to ` + submissions.map((s) => s.agency).join(', ')
      )
  }
}

/** Messages about one document reach an agency in the order in which they were accepted. */
function* inOrder({ sent, filed, messageOf }: Facts): Generator<string> {
  const places = new Map<string, Map<string, number>>()
  filed.forEach(({ agency, submissionId }, place) => {
    const kept = messageOf.get(submissionId)
    if (!kept) return
    const ofAgency = places.get(agency) ?? new Map<string, number>()
    places.set(agency, ofAgency)
    const name = nameOf(kept.partner, kept.reference)
    if (!ofAgency.has(name)) ofAgency.set(name, place)
  })
  const documents = grouped(
    sent.filter(({ document, said }) => document !== undefined && said === 'accepted'),
    ({ partner, document }) => nameOf(partner, document!),
  )
  for (const messages of documents.values())
    for (const [agency, ofAgency] of places) {
      const there = messages.flatMap(({ partner, reference }) => {
        const place = ofAgency.get(nameOf(partner, reference))
        return place === undefined ? [] : [{ partner, reference, place }]
      })
      for (const [i, { partner, reference, place }] of there.entries())
        if (i > 0 && place < there[i - 1]!.place)
          yield (
            `message ${reference} of ${partner} reached ${agency} before ${there[i - 1]!.reference}, ` +
            'which came first'
          )
    }
}

/** Promise 2, on the way back: what an agency answered is a receipt of its message, once. */
function* answersAreKept({ answered, kept, sent, messageOf }: Facts): Generator<string> {
  const receipts = new Map<string, { partner: string; receiptId: string; reference: string }[]>()
  const documents = new Map(sent.map((one) => [nameOf(one.partner, one.reference), one.document ?? one.reference]))
  for (const { partner, reference, receipts: own } of kept)
    for (const { receiptId, stage, agency, bodySha256 } of own)
      if (stage === 'business' && bodySha256 !== undefined) {
        const key = `${agency} ${bodySha256}`
        receipts.set(key, [...(receipts.get(key) ?? []), { partner, receiptId, reference }])
      }
  const seen = new Set<string>()
  for (const { agency, submissionId, bodySha256 } of answered) {
    const key = `${agency} ${bodySha256}`
    const of = messageOf.get(submissionId)
    if (seen.has(key) || !of) continue
    seen.add(key)
    const made = receipts.get(key) ?? []
    const what = `an answer of ${agency} to message ${of.reference} of ${of.partner}`
    const own = made.find(({ partner }) => partner === of.partner)
    if (!own) yield `${what} was taken and is no receipt`
    // An original and its changes share the numbers by which an agency answers: it may be any of these.
    else if (documents.get(nameOf(of.partner, own.reference)) !== documents.get(nameOf(of.partner, of.reference)))
      yield `${what} became a receipt of message ${own.reference}`
    if (made.length > 1) yield `${what} became ${made.length} receipts: ${made.map((r) => r.receiptId).join(', ')}`
  }
}

/** Promise 4: every receipt reaches its partner, and one that was acknowledged does not come again. */
function* receiptsComeHome({ handled, kept }: Facts, handed: boolean): Generator<string> {
  const read = new Map<string, Handled['what']>()
  for (const { partner, what, receiptId } of handled) {
    const name = nameOf(partner, receiptId)
    if (what === 'read' && read.get(name) === 'acknowledged')
      yield `receipt ${receiptId} came to ${partner} again after it was acknowledged`
    read.set(name, what)
  }
  const heardOf = new Set(
    kept
      .filter(({ partner, receipts }) => receipts.some(({ receiptId }) => read.has(nameOf(partner, receiptId))))
      .map(({ partner, reference }) => nameOf(partner, reference)),
  )
  for (const { partner, reference, state, receipts } of kept) {
    const technical = receipts.filter(({ stage }) => stage === 'technical').length
    if (technical !== 1) yield `message ${reference} of ${partner} has ${technical} technical receipts`
    if (!handed) continue
    for (const { receiptId, stage } of receipts) {
      // The answer was lost, and the same wrong bytes were refused again: as a message of its own.
      if (state === 'refused' && heardOf.has(nameOf(partner, reference))) continue
      const last = read.get(nameOf(partner, receiptId))
      const what = `the ${stage} receipt ${receiptId} of message ${reference}`
      if (last === undefined) yield `${what} never reached ${partner}`
      else if (last === 'read') yield `${what} was read by ${partner} and never acknowledged`
    }
  }
}

/** Promise 9: what a partner reads is about its own messages, and is in the ledger. */
function* receiptsReachNobodyElse({ handled, kept, keptById }: Facts): Generator<string> {
  const known = new Map(
    kept.flatMap(({ messageId, receipts }) => receipts.map(({ receiptId }) => [receiptId, messageId] as const)),
  )
  const told = new Set<string>()
  for (const { partner, receiptId, messageId } of handled) {
    if (told.has(nameOf(partner, receiptId))) continue
    told.add(nameOf(partner, receiptId))
    const of = keptById.get(known.get(receiptId) ?? messageId)
    if (of && of.partner !== partner)
      yield `receipt ${receiptId} of message ${of.reference} of ${of.partner} reached ${partner}`
    else if (!known.has(receiptId)) yield `${partner} read receipt ${receiptId}, which is not in the ledger`
  }
}
