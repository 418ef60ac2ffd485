// commands — the command line in a thread that stays: a process of its own for each command loads all of it each time.
// Its start, its end and what it reads are tested with processes (`run`).
import { Worker } from 'node:worker_threads'
import type { Finished } from './process.js'
import { patienceMs } from './until.js'

let thread: Worker | undefined
/** Commands wait for each other. */
let last: Promise<unknown> = Promise.resolve()

/** Runs `hub …` to the end. Rejects only when it took too long. */
export function command(args: string[], env: NodeJS.ProcessEnv): Promise<Finished> {
  const finished = last.then(() => finish(args, env))
  last = finished.catch(() => {})
  return finished
}

function finish(args: string[], env: NodeJS.ProcessEnv): Promise<Finished> {
  const worker = (thread ??= begin())
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      over()
      end(worker)
      reject(new Error(`hub ${args.join(' ')} took more than ${2 * patienceMs} ms`))
    }, 2 * patienceMs)
    const over = () => {
      clearTimeout(timer)
      worker.removeAllListeners('message').removeAllListeners('error').removeAllListeners('exit')
      worker.unref()
    }
    worker.ref()
    worker.once('message', (finished: Finished) => {
      over()
      resolve(finished)
    })
    worker.once('error', (error) => {
      over()
      end(worker)
      reject(error)
    })
    worker.once('exit', (code) => {
      over()
      end(worker)
      reject(new Error(`hub ${args.join(' ')} ended its thread with ${code}`))
    })
    worker.postMessage({ args, env })
  })
}

function begin(): Worker {
  return new Worker(new URL('./command-thread.mjs', import.meta.url), {
    workerData: { program: new URL('../../dist/hub/cli/program.js', import.meta.url).href },
    execArgv: [],
    stdin: false,
  })
}

function end(worker: Worker): void {
  if (thread === worker) thread = undefined
  void worker.terminate()
}
