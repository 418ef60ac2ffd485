// source-tree — what a mapping reads: a message as named nodes, each with its place in the sender's own notation.

export interface SourceNode {
  /** As in the message's XML: `G_7`, `S_LOC`, `D_3225`; of flat files `Bill`, `BillNo`. */
  name: string
  /** Leaves only. */
  text?: string
  children: SourceNode[]
  /** The sender's own notation: EDIFACT `LOC(7)+2:1`; flat files `51(12):3` (record 12 of the file, tag 51, field 3). */
  place: string
  /** Line in the bytes as received, from 1. */
  line: number
}
