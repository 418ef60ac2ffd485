// temporary-names — names that files have while somebody is still writing them. Such a file waits until it is renamed.
// So does what a desktop leaves in a folder it looks at (Thumbs.db): it is nobody's message, and goes when forgotten
// files go.
import { isSystemFile } from '../messages/system-file.js'

/**
 * What clients put behind the final name: WinSCP `.filepart`, FileZilla and others `.part` and `.tmp`, rclone and rsync
 * wrappers `.partial`, Spring `.writing`, browsers `.crdownload`, editors `.swp` and `~`. Compared without regard to
 * case.
 */
export const usualTemporaryEndings: readonly string[] = [
  '.tmp',
  '.temp',
  '.part',
  '.partial',
  '.filepart',
  '.new',
  '.writing',
  '.uploading',
  '.crdownload',
  '.swp',
  '~',
]

/**
 * Is this no file to be taken, by its name? A leading dot (lftp, rsync) says that it is still being written, a
 * desktop's own file never is one.
 */
export function isTemporary(name: string, endings: readonly string[]): boolean {
  if (name.startsWith('.') || isSystemFile(name)) return true
  const lower = name.toLowerCase()
  return endings.some((ending) => ending !== '' && lower.endsWith(ending.toLowerCase()))
}
