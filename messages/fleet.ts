// fleet — what the hubs of one ledger know of each other beside their work: in which folders partners have mailboxes. A
// folder has a mark; one of the hubs that have it holds the lease of that name, so two such leases are two folders.
import type { HubsView } from './views/index.js'

const prefix = 'sftp:'
/** A hub that starts again has its folder still. */
const remembersMs = 60_000

export const folderLease = (mark: string): string => `${prefix}${mark}`
export const isFolderLease = (name: string): boolean => name.startsWith(prefix)

/** Other folders than this one at which partners have come in: one whose hubs are gone has no `holder`. */
export const otherFolders = ({ leases }: Pick<HubsView, 'leases'>, mark: string): HubsView['leases'] =>
  leases.filter(({ name }) => isFolderLease(name) && name !== folderLease(mark))

/** Partners have come in at several folders, of hubs that live or did a minute ago. */
export function foldersDiffer({ leases }: Pick<HubsView, 'leases'>, now: Date): boolean {
  const folders = leases.filter(
    ({ name, holder, until }) =>
      isFolderLease(name) && (holder !== undefined || now.getTime() - Date.parse(until) < remembersMs),
  )
  return folders.length > 1
}

/** What nobody does now and somebody should. */
export const undone = ({ leases }: Pick<HubsView, 'leases'>): string[] =>
  leases.filter(({ name, holder }) => holder === undefined && !isFolderLease(name)).map(({ name }) => name)
