// save — bytes of partners and agencies are files to save: fetched with the operator's password and handed to the
// browser as a download.
import { toast } from './dom.js'
import { Refused } from './live.js'
import { t } from './text.js'

/**
 * @param {string} path below /monitor
 * @param {string} name of the file
 */
export async function save(path, name) {
  const response = await fetch(`/monitor${path}`)
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}))
    throw new Refused(problem.text ? `${problem.text.zh} ${problem.text.en}` : `HTTP ${response.status}`)
  }
  const url = URL.createObjectURL(await response.blob())
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
  toast(t('saved', { name }))
}
