// drop — the directories one kind of document goes through: out to the agency's side, and back.

/** The folders through which one agency is reached. Paths are on the agency's side, as a FilePlace takes them. */
export interface Drop {
  /** Files are handed over here. Must be there already: a share that is not mounted is not made anew. */
  out: string
  /** Where a file lies until it is whole; on the same file system as `out`. Made when missing. */
  stage: string
  /** Where the other side puts what it has taken, where it keeps such a directory. */
  sent?: string
  /** Where it puts what it could not take. */
  fail?: string
  /** Where its answers are found. */
  in: string[]
}

/** Directories are joined with a slash, on every system and over SFTP. */
export const at = (dir: string, name: string): string => `${dir.replace(/\/+$/, '')}/${name}`

/**
 * Not handed over as long as it is there. Hidden and `.tmp`: whoever watches a directory for files skips one or the
 * other.
 */
export const stagedName = (fileName: string): string => `.${fileName}.tmp`
/**
 * What the names of one try begin with in a stage directory: with its id in them, no other try writes, removes or asks
 * for what bears them, however late it comes back.
 */
export const baseOfTry = (base: string, attemptId: string | undefined): string =>
  attemptId === undefined ? base : `${base}.${attemptId}`
/** Made before a staged file gets its final name. The mark without the staged file says: it was handed over. */
export const markName = (base: string): string => `.${base}.mark.tmp`
/** The mark of a staged file; of a mark, that mark. */
export const markOf = (left: string): string => markName(left.slice(1).replace(/\.\w+\.tmp$/, ''))
