// listing-thread — the thread that makes annotated listings: it has the directories and tables of its own, and what it
// takes to list megabytes.
import { parentPort, workerData } from 'node:worker_threads'
import { listInterchanges } from '../../messages/edifact/listing.js'
import type { EdifactSettings } from '../../messages/edifact/settings.js'
import type { Fault } from '../../messages/fault.js'
import { listFlat } from '../../messages/flatfile/listing.js'
import type { FlatTables } from '../../messages/flatfile/table.js'
import { readFlatTables } from '../../xsd/flat-tables.js'
import { edifactDirectories } from '../../xsd/edi-tables.js'
import { arrived } from '../../messages/shared-bytes.js'
import { stepBack } from '../../messages/step-back.js'

stepBack()

/** What the thread is started with. */
export interface ListingThreadData {
  /** The folder of the record tables of flat files. */
  flatTables: string
}
/** What to list; `content`: the faults of each message, in their order. */
export interface ListingThreadInput {
  syntax: 'edifact' | 'flatfile'
  bytes: Uint8Array
  content: Fault[][]
  settings: EdifactSettings
}

const { flatTables: folder } = workerData as ListingThreadData
let flatTables: FlatTables | undefined

parentPort!.on('message', ({ syntax, bytes, content, settings }: ListingThreadInput) => {
  arrived(bytes)
  parentPort!.postMessage(
    syntax === 'flatfile'
      ? listFlat(bytes, (flatTables ??= readFlatTables(folder)), content.flat())
      : listInterchanges(bytes, edifactDirectories(), { ...settings, content }),
  )
})
