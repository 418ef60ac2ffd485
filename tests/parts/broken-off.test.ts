// A run of tests that is broken off leaves nothing on the machine: no hub that goes on, no folder that fills it.
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cleanEnv, root } from '../support/hub.js'
import { alive, begin, ended, firstLine } from '../support/process.js'
import { until } from '../support/until.js'

interface Begun {
  folder: string
  pid: number
  worker: number
}

test.each([
  ['is told to end, as by a time limit', 'run', 'SIGTERM'],
  ['loses the process that runs the test', 'worker', 'SIGKILL'],
] as const)('when a run %s, what its tests have started and made is gone', async (_, who, signal) => {
  const [vitest, settings] = ['node_modules/vitest/vitest.mjs', 'tests/support/unfinished.config.mjs']
  const run = begin(process.execPath, [vitest, 'run', '--config', settings], { cwd: root, env: cleanEnv() })
  const { folder, pid, worker } = await firstLine(run, (line) =>
    line.startsWith('{"begun"') ? (JSON.parse(line) as { begun: Begun }).begun : undefined,
  )
  expect([alive(pid), existsSync(folder)]).toEqual([true, true])

  process.kill(who === 'run' ? run.pid! : worker, signal)
  await ended(run)
  await until('all of it has gone', () => !alive(worker) && !alive(pid) && !existsSync(folder))
})
