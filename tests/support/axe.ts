// axe — what axe-core says of a page that is shown: its grave faults, in words.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { root } from './hub.js'

interface Found {
  violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
}

let source: string | undefined

/** Nothing runs over the edge of the page that is shown, and axe finds nothing serious. */
export async function readsWell(page: Page, what: string): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), what).toBe(true)
  expect(await graveFaults(page, what)).toEqual([])
}

/**
 * Serious and critical ones, in the light theme and in the dark one, which is the same page in other colours. The
 * page's context was made with `bypassCSP`.
 */
async function graveFaults(page: Page, what: string): Promise<string[]> {
  source ??= readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8')
  await page.evaluate(source)
  const inTheme = async (theme: string, rules: object) => {
    await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
    const options = JSON.stringify({ resultTypes: ['violations'], ...rules })
    return faultsOf(await page.evaluate<Found>(`axe.run(document, ${options})`), `${what} ${theme}`)
  }
  const colours = { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } }
  return [...(await inTheme('light', {})), ...(await inTheme('dark', colours))]
}

function faultsOf(found: Found, what: string): string[] {
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${what} ${id}: ${nodes[0]!.html.slice(0, 200)} ${nodes[0]!.failureSummary.slice(0, 200)}`)
}
