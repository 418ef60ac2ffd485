// virtual-path — what a path of a partner means: its root, one of its four boxes, or one file in a box. Nothing else
// exists.
import { posix } from 'node:path'
import { boxes, isPlainName, type Box } from '../boxes.js'
import { denied, noSuchFile, SftpRefusal } from './refusal.js'

type VirtualPath =
  | { kind: 'root'; path: '/' }
  | { kind: 'box'; path: string; box: Box }
  | { kind: 'file'; path: string; box: Box; name: string }

/**
 * Reads a client's path. `..` stops at the partner's root, as in any chroot; since a real path is only ever built from
 * a known box and one plain name, no spelling can leave the partner's own folders.
 */
export function virtualPath(raw: string): VirtualPath {
  if (raw.includes('\0') || raw.includes('\\')) throw denied('A path may not hold NUL or backslash')
  if (raw.length > 4096) throw denied('The path is too long')
  const path = posix.join('/', raw).replace(/(?<=.)\/+$/, '')
  if (path === '/') return { kind: 'root', path }
  const [, boxName, name, ...deeper] = path.split('/')
  const box = boxes.find((known) => known === boxName)
  if (!box || deeper.length > 0) throw noSuchFile()
  if (name === undefined) return { kind: 'box', path, box }
  if (!isPlainName(name)) throw denied('This file name is not allowed')
  return { kind: 'file', path, box, name }
}

/**
 * The path of a file to be written. A newcomer's first `put` goes to the root, so the refusal says where it belongs.
 */
export function outBoxPath(raw: string): Extract<VirtualPath, { kind: 'file' }> {
  const { length } = posix.join('/', raw).split('/').filter(Boolean)
  const found = length === 2 ? virtualPathOrNothing(raw) : undefined
  if (found?.kind === 'file' && found.box === 'OutBox') return found
  throw denied('Put it into OutBox, directly: /OutBox/<name> 请将文件直接放入 OutBox')
}

/** Undefined for what lies in no box; a name that is not allowed is still refused as such. */
function virtualPathOrNothing(raw: string): VirtualPath | undefined {
  try {
    return virtualPath(raw)
  } catch (error) {
    if (error instanceof SftpRefusal && error.status === noSuchFile().status) return undefined
    throw error
  }
}

/** The path of a file, or the refusal a folder gets. */
export function filePath(raw: string): Extract<VirtualPath, { kind: 'file' }> {
  const found = virtualPath(raw)
  if (found.kind !== 'file') throw denied('This is a folder')
  return found
}
