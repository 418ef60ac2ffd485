// import-client — a simulated Single Window client as a process of its own, on directories of the test's.
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { root } from './hub.js'
import { begin, ended, firstLine } from './process.js'

export interface TakenFile {
  base: string
  folder: string
  times: number
  sha256: string
  attachments: number
}

export interface ImportClient {
  taken(base: string): Promise<TakenFile | undefined>
  all(): Promise<TakenFile[]>
  behave(behaviour: {
    hang?: boolean
    refuse?: string
    failInSilence?: boolean
    mute?: boolean
    slowWriteMs?: number
  }): Promise<void>
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** `--root DIR --folders A,B`, or `--drop DIR --pick-up DIR`. Gone when the test is over. */
export async function importClient(...args: string[]): Promise<ImportClient> {
  const data = ['--families', join(root, 'xsd/families')]
  const child = begin(process.execPath, [
    join(root, 'dist/bundle/simulated-client.js'),
    ...data,
    '--every',
    '20',
    '--die-with-parent',
    ...args,
  ])
  const { url } = await firstLine(child, (line) =>
    line.startsWith('{"ready"') ? (JSON.parse(line) as { url: string }) : undefined,
  )
  child.stdout!.resume()
  child.stderr!.resume()
  const client: ImportClient = {
    taken: async (base) => (await client.all()).find((one) => one.base === base),
    all: async () => ((await (await fetch(`${url}/taken`)).json()) as { taken: TakenFile[] }).taken,
    async behave(behaviour) {
      const response = await fetch(`${url}/control`, { method: 'POST', body: JSON.stringify(behaviour) })
      if (!response.ok) throw new Error(await response.text())
    },
    async stop(signal = 'SIGKILL') {
      child.kill(signal)
      await ended(child)
    },
  }
  onTestFinished(() => client.stop())
  return client
}
