// system-file — files that operating systems and office programs leave in folders and zips: neither messages nor
// attachments.

/**
 * What macOS, Windows and office programs put beside files that people see: folder views, previews, resource forks,
 * lock files. Nobody sends them on purpose, and they are no attachments.
 */
export function isSystemFile(name: string): boolean {
  if (/^__MACOSX(\/|$)/.test(name)) return true
  return /^(\._.*|\.DS_Store|\.localized|\.apdisk|\.directory|ehthumbs(_vista)?\.db|thumbs\.db|desktop\.ini|~\$.*|\.~lock\..*#|Icon\r)$/i.test(
    name,
  )
}
