// place — where files are handed over: this machine's file system (or a share mounted on it), or an agency's SFTP
// server.

/** A plain file as a listing shows it. `mtime` is the other side's, in milliseconds; compared with itself only. */
export interface FileSeen {
  name: string
  size: number
  mtime: number
}

/** Has nobody written the file between these two looks at it? Undefined: it is not there. */
export const isSame = (before: FileSeen | undefined, now: FileSeen | undefined): boolean =>
  before?.size === now?.size && before?.mtime === now?.mtime

/**
 * Paths have slashes, on every system. A call that rejects with anything but a PlaceRefusal leaves open whether it was
 * done: whoever hands over looks before it tries again.
 */
export interface FilePlace {
  /** Plain files of a directory that `wanted` names, at most `most`. Rejects when the directory is not there. */
  list(dir: string, wanted: (name: string) => boolean, most: number): Promise<FileSeen[]>
  /** Names of the directories in a directory; none when it is not there. */
  directories(dir: string): Promise<string[]>
  /** Is there a file (or directory) of this path? Rejects when that cannot be told. */
  has(path: string): Promise<boolean>
  /** As it is at this moment; undefined when there is none. */
  stat(path: string): Promise<FileSeen | undefined>
  /** The whole file; undefined when it is gone. Rejects when it is larger than `most` bytes. */
  read(path: string, most: number): Promise<Buffer | undefined>
  /** A whole file, on disk when this resolves. Replaces what is there. */
  write(path: string, bytes: Buffer): Promise<void>
  /**
   * Gives a file its final name in one step. `taken`: the name is in use, nothing happened; `gone`: there is no such
   * file.
   */
  rename(from: string, to: string): Promise<'moved' | 'taken' | 'gone'>
  /** False when there was none. */
  remove(path: string): Promise<boolean>
  /** Makes one directory below one that is there. */
  makeDirectory(path: string): Promise<void>
  /**
   * What was renamed into or out of this directory is on disk when this resolves. Does nothing where that cannot be
   * asked for.
   */
  sync(dir: string): Promise<void>
  close(): Promise<void>
}

/** The place answered that it will not: nothing happened. Every other error leaves open whether something did. */
export class PlaceRefusal extends Error {
  override name = 'PlaceRefusal'
}
