// fleet — what the hubs of one ledger know of each other beside their work: which folders they keep mailboxes in. A
// folder has a mark. One of the hubs that have it holds a lease of that name from its start, and another one from when
// a partner came in there: so two such leases are two folders.
import type { HubsView } from './views/index.js'

type Leases = Pick<HubsView, 'leases'>
type Lease = HubsView['leases'][number]

const kept = 'folder:'
const used = 'sftp:'
/** A hub that starts again has its folder still. */
const remembersMs = 60_000

/** Held from the start by one of the hubs that have the folder. */
export const folderLease = (mark: string): string => `${kept}${mark}`
/** Held once a partner has come in at the folder. */
export const mailboxesLease = (mark: string): string => `${used}${mark}`

const isFolder = ({ name }: Lease): boolean => name.startsWith(kept) || name.startsWith(used)
const lives = ({ holder }: Lease): boolean => holder !== undefined

/**
 * In which other folder a partner may have its mailbox: `living` in that of a hub that lives, `away` in one at which
 * partners came in and whose hubs are gone. Undefined: in none.
 */
export function otherFolder({ leases }: Leases, mark: string): 'living' | 'away' | undefined {
  const others = leases.filter((one) => isFolder(one) && !one.name.endsWith(`:${mark}`))
  if (others.some(lives)) return 'living'
  return others.some(({ name }) => name.startsWith(used)) ? 'away' : undefined
}

/** Partners have come in at several folders, of hubs that live or did a minute ago. */
export function foldersDiffer({ leases }: Leases, now: Date): boolean {
  const recent = (one: Lease) => lives(one) || now.getTime() - Date.parse(one.until) < remembersMs
  return leases.filter((one) => one.name.startsWith(used) && recent(one)).length > 1
}

/** What nobody does now and somebody should. */
export const undone = ({ leases }: Leases): string[] =>
  leases.filter((one) => !lives(one) && !isFolder(one)).map(({ name }) => name)
