// temporary-names — names that files have while somebody is still writing them. Such a file waits until it is renamed.

/**
 * What clients put behind the final name: WinSCP `.filepart`, FileZilla and others `.part` and `.tmp`, rclone and rsync wrappers `.partial`,
 * Spring `.writing`, browsers `.crdownload`, editors `.swp` and `~`. Compared without regard to case.
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

/** Is this file still being written, by its name? A leading dot (lftp, rsync) always says so. */
export function isTemporary(name: string, endings: readonly string[] = usualTemporaryEndings): boolean {
  if (name.startsWith('.')) return true
  const lower = name.toLowerCase()
  return endings.some((ending) => ending !== '' && lower.endsWith(ending.toLowerCase()))
}
