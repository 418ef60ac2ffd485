// source-tree — what a mapping reads: a message as named nodes, each with its place in the sender's own notation.

/** One thing of a message, whatever its syntax, as mappings read it. */
export interface SourceNode {
  /**
   * EDIFACT: the tag of a segment, `NAD`; with it stand its values and, when it opens a group, all that is in the
   * group. Flat files: the record's tag. XML: the element, or `@` and the attribute.
   */
  name: string
  /**
   * What has a value: EDIFACT `2:1`, the first component of the second element; of flat files a field; of XML an
   * element or attribute.
   */
  text?: string
  children: SourceNode[]
  /**
   * The sender's own notation: EDIFACT `LOC(7)+2:1`; flat files `51(12):3` (record 12 of the file, tag 51, field 3);
   * XML the path, `/Manifest/Declaration/Consignment[2]/TotalGrossMassMeasure`. */
  place: string
  /** Line in the bytes as received, from 1. */
  line: number
}

/** It has a value, which may be empty. */
export const isLeaf = (node: SourceNode): boolean => node.text !== undefined
