// folder-connector — agencies reached through the Single Window client's import folders: one folder a service, each
// with OutBox, SentBox, InBox and FailBox (import interface of the Single Window client). The client signs and sends;
// the hub hands over and reads.
//
//   <root>/<folder>/.hub/.<base>.xml.tmp ─▶ <root>/<folder>/OutBox/<base>.xml ─▶ SentBox (by the client) ─▶ InBox: Successed_, Receipt_
//                                                                              └▶ FailBox                 ─▶ InBox: Failed_
import type { Connector } from '../connector.js'
import { at, type Drop } from '../files/drop.js'
import { createFileConnector, type FileConnectorParts } from '../files/file-connector.js'
import type { FilePlace } from '../files/place.js'
import { localPlace } from './local-place.js'

/**
 * What a folder connector needs besides what all file connectors do.
 * @see [folder](./kind.ts)
 */
export interface FolderConnectorParts extends FileConnectorParts {
  /** The client's import root, with one folder a service below it. */
  root: string
  /** The import folder of a document type; undefined when none is known. */
  folderOf: (documentType: string) => string | undefined
  /** Every import folder in use: their answers are read also when nothing is sent. */
  folders: string[]
  /** For the tests. */
  place?: FilePlace
}

/** Where the client puts what belongs to no import of its machine: <root>/Others/InBox/<form>/. */
const others = 'Others/InBox'

/**
 * `round` looks for answers now; the connector does so by itself again and again. Directories of the client are never
 * made: an empty mount point is a client that is away.
 */
export function createFolderConnector({
  root,
  folderOf,
  folders,
  place = localPlace,
  ...parts
}: FolderConnectorParts): Connector & { round(): Promise<void> } {
  const drops = new Map(folders.map((folder) => [folder, dropOf(root, folder)]))
  // A client that serves only some services has only their folders.
  let present: Drop[] = []
  const reached = async () => {
    // An empty mount point is not a client without work: what was not there is not made.
    if (!(await place.has(root))) throw new Error(`there is no directory ${root}`)
    const there = new Set(await place.directories(root))
    present = [...drops].flatMap(([folder, drop]) => (there.has(folder) ? [drop] : []))
    return place
  }
  return createFileConnector({
    ...parts,
    name: `folder ${root}`,
    place: reached,
    leave: () => place.close(),
    dropOf(documentType) {
      const folder = folderOf(documentType)
      return folder === undefined ? undefined : (drops.get(folder) ?? dropOf(root, folder))
    },
    drops: () => present,
    async also(where) {
      const forms = await where.directories(at(root, others))
      return [at(root, others), ...forms.map((form) => at(at(root, others), form))]
    },
  })
}

const dropOf = (root: string, folder: string): Drop => {
  const box = (name: string) => at(at(root, folder), name)
  return { out: box('OutBox'), stage: box('.hub'), sent: box('SentBox'), fail: box('FailBox'), in: [box('InBox')] }
}
