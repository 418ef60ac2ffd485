// command-thread — runs one command of the command line after the other, each as in a process of its own: its
// arguments, its environment, what it prints, its exit code.
import { parentPort, workerData } from 'node:worker_threads'

/** Where Node's fetch keeps what holds its connections. */
const dispatcher = Symbol.for('undici.globalDispatcher.1')

/** What ends a process ends the command, and the thread goes on. */
class Exit extends Error {
  /** @param {number | string | null | undefined} code */
  constructor(code) {
    super('the command has ended')
    this.code = code
  }
}
process.exit = (code) => {
  throw new Exit(code)
}

let count = 0
parentPort.on('message', async ({ args, env }) => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  Object.assign(process.env, env)
  process.argv = [process.execPath, 'hub', ...args]
  process.exitCode = undefined
  const said = { stdout: caught(process.stdout), stderr: caught(process.stderr) }
  let code
  try {
    // The module is the command: another address runs it again.
    await import(`${workerData.program}?${++count}`)
  } catch (error) {
    if (!(error instanceof Exit)) process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    code = error instanceof Exit ? error.code : 1
  }
  parentPort.postMessage({
    code: Number(code ?? process.exitCode ?? 0),
    stdout: said.stdout(),
    stderr: said.stderr(),
  })
  // The next one finds no connection of this one's, to a hub that may have gone since.
  const fetching = globalThis[dispatcher]
  if (fetching) {
    globalThis[dispatcher] = new fetching.constructor()
    await fetching.destroy()
  }
})

/**
 * Keeps what is written from now on.
 * @param {NodeJS.WriteStream} stream
 */
function caught(stream) {
  /** @type {Buffer[]} */
  const pieces = []
  stream.removeAllListeners('error')
  stream.write = (/** @type {any[]} */ ...[piece, ...rest]) => {
    pieces.push(Buffer.from(piece))
    const done = rest.find((one) => typeof one === 'function')
    if (done) queueMicrotask(() => done())
    return true
  }
  return () => Buffer.concat(pieces).toString('utf8')
}
