// resealing — the walk through all that is kept sealed, a slice at a time: which columns of which tables, in which
// order, and where it stands.

interface SealedColumn {
  table: string
  column: 'bytes' | 'receipt' | 'faults'
  /** By which its rows are found in their order. */
  key: readonly string[]
}

/** All that is kept sealed, in the order of the walk. @param replies where an engine has the bytes of replies */
export const sealedColumns = (replies: SealedColumn): readonly SealedColumn[] => [
  { table: 'payload', column: 'bytes', key: ['message_id'] },
  { table: 'attachment', column: 'bytes', key: ['message_id', 'position'] },
  { table: 'forwarded', column: 'bytes', key: ['message_id'] },
  { table: 'sent_form', column: 'bytes', key: ['submission_id'] },
  { table: 'acknowledgement', column: 'bytes', key: ['interchange_id'] },
  replies,
  { table: 'reply_attachment', column: 'bytes', key: ['reply_id', 'position'] },
  { table: 'receipt', column: 'receipt', key: ['n'] },
  { table: 'notice', column: 'faults', key: ['n'] },
  { table: 'question', column: 'bytes', key: ['question_id'] },
  { table: 'question_answer', column: 'bytes', key: ['question_id'] },
]

/** Rows looked at in a slice, of which only the beginnings are read. */
export const rowsOfSlice = 500
/** Bytes of a slice that are sealed anew: each write holds up the others. */
export const bytesOfSlice = 2 * 1024 * 1024
/** Enough of what is kept to see which key it has. */
export const beginningLength = 60

/** Where a walk stands, for the caller to hand back. */
export interface WalkPosition {
  column: number
  after: (string | number)[]
}

/** How far resealing has come, as kept by `textOf`; undefined: at the beginning. */
export const positionOf = (text: string | undefined): WalkPosition =>
  text === undefined ? { column: 0, after: [] } : (JSON.parse(text) as WalkPosition)
/** The place as text, which `placeOf` reads. */
export const textOf = (place: WalkPosition): string => JSON.stringify(place)
