// jobs — histories on all processors: children of this process, each given some seeds at a time. A history is its
// seed's alone, so it does not matter who makes it.
import { fork, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

/** Some seeds, one after another. */
export interface Share {
  from: number
  count: number
}
/** What became of them. */
export interface Outcome {
  histories: number
  steps: number
  counts: Record<string, number>
  /** Of each seed that failed what there is to print. */
  failed: string[]
  /** One of them was what was looked for, or they were enough. */
  enough: boolean
}

const shareSize = 50

export const isJob = process.send !== undefined
export const jobs = availableParallelism()

/** Does what the parent hands out, until that lets go. */
export function serve(work: (share: Share) => Promise<Outcome>): void {
  process.on('message', (share: Share) => void work(share).then((outcome) => process.send!(outcome)))
}

/** @param heard told of each share when it is done; true: that was enough */
export async function share({ from, count }: Share, heard: (outcome: Outcome) => boolean): Promise<void> {
  let next = from
  const children: ChildProcess[] = []
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2))
      children.push(child)
      const goOn = () => {
        if (next >= from + count) return child.disconnect()
        const some = { from: next, count: Math.min(shareSize, from + count - next) }
        next += some.count
        child.send(some)
      }
      child.on('message', (outcome: Outcome) => {
        if (heard(outcome)) next = Infinity
        goOn()
      })
      child.once('error', reject)
      child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a simulation ended with ${code}`))))
      goOn()
    })
  try {
    await Promise.all(Array.from({ length: Math.min(jobs, Math.ceil(count / shareSize)) }, one))
  } finally {
    for (const child of children) child.kill()
  }
}
