// chromium — where the browser is: on the machine, or where CHROMIUM says.
import { existsSync } from 'node:fs'

export function chromiumPath(): string {
  return (
    ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', process.env.CHROMIUM ?? ''].find(
      (path) => path !== '' && existsSync(path),
    ) ?? 'no chromium found: install it (Debian: apt-get install chromium) or set CHROMIUM'
  )
}
