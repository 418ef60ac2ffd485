// Which build of the hub runs: what `hub --version`, the log, the monitor and the metrics call it.
import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readBuildId } from '../../hub/config/build.js'
import { createMetrics } from '../../monitoring/metrics.js'
import { tempDir } from '../support/temp.js'

async function built(note: string | undefined) {
  const dist = await tempDir('dist')
  await mkdir(join(dist, 'bundle'))
  await writeFile(join(dist, '.tsbuildinfo'), '')
  await writeFile(join(dist, 'bundle/hub.js'), '')
  if (note !== undefined) await writeFile(join(dist, 'build.json'), note)
  const compiledAt = (seconds: number) => utimes(join(dist, '.tsbuildinfo'), seconds, seconds)
  await compiledAt(1_700_000_000)
  return { dist, compiledAt }
}

test('a hub is called by what its build was made of; one compiled since, by no commit at all', async () => {
  const { dist, compiledAt } = await built('{"build":"3f2a9c1b7d04"}')
  expect(readBuildId(dist)).toBe('3f2a9c1b7d04')
  await compiledAt(4_000_000_000)
  expect(readBuildId(dist)).toBe('development')
})

test('without the note of a build, or with a torn one, it is unknown, and the hub starts', async () => {
  expect(readBuildId((await built(undefined)).dist)).toBe('unknown')
  expect(readBuildId((await built('{"buil')).dist)).toBe('unknown')
})

test('Prometheus sees the build of each process', async () => {
  const { text } = await createMetrics('0.1.0+3f2a9c1b7d04').read()
  expect(text).toMatch(/^hub_build_info\{version="0\.1\.0\+3f2a9c1b7d04"\} 1$/m)
})
