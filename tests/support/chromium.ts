// chromium — the browser of the tests, which is found on the machine or where CHROMIUM says.
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'
import { patienceMs } from './until.js'

/**
 * What a page under test does not need. The pages behind the address bar are two processes for each page, which cost
 * more than the page itself. Of this option the browser heeds the last one, so Playwright's own are among them.
 */
const withoutFeatures = [
  ...['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup', 'SpareRendererForSitePerProcess'],
  ...['AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsUpgrades', 'AimEnabled'],
  ...['HttpsFirstBalancedModeAutoEnable', 'MediaRouter', 'PaintHolding', 'ThirdPartyStoragePartitioning'],
  ...['AvoidCorsURLLoaderRestartOnRedirect', 'OptimizationHints', 'NetworkTimeServiceQuerying', 'PreconnectToSearch'],
]

/** To be closed by the caller. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath(),
    timeout: patienceMs,
    args: ['--no-sandbox', `--disable-features=${withoutFeatures.join(',')}`],
  })

function chromiumPath(): string {
  return (
    ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', process.env.CHROMIUM ?? ''].find(
      (path) => path !== '' && existsSync(path),
    ) ?? 'no chromium found: install it (Debian: apt-get install chromium) or set CHROMIUM'
  )
}
