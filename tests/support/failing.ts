// failing — a program whose n-th write fails, as failing-writes.mjs does it. `EVERY_WRITE=1` takes every n, otherwise
// some.
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './hub.js'
import { tempDir } from './temp.js'

export const every = process.env.EVERY_WRITE === '1'
/** Of a journey's calls, those that fail in turn. */
export const some = (most: number) =>
  Array.from({ length: most }, (_, i) => i + 1).filter((n) => every || n % Math.ceil(most / 8) === 1 || n === most)

/**
 * A program of which the n-th call below a folder fails.
 * @param ledger of its calls, those by which SQLite writes into files there; absent: those of files
 */
export async function failing(below: string, { ledger = false } = {}) {
  const file = join(await tempDir('fail'), 'writes')
  const seen = `${file}.seen`
  const calls = async () => (existsSync(seen) ? (await readFile(seen, 'utf8')).trim().split('\n') : [])
  return {
    nodeArgs: ['--import', join(root, 'tests/support/failing-writes.mjs')],
    env: { FAILING_WRITES: file },
    /** From now on; 0: none fails, all are counted. */
    async at(nth: number, code = 'ENOSPC'): Promise<void> {
      await writeFile(seen, '')
      await writeFile(file, `${JSON.stringify({ below, ledger, nth, code, again: Math.random() })}\n`)
    },
    off: () => writeFile(file, ''),
    calls,
    failed: async () => (await calls()).find((line) => line.startsWith('FAILED')),
  }
}
