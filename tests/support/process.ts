// process — runs a program of the project or of the system as a user would, and never leaves one behind.
import { spawn, type ChildProcess } from 'node:child_process'
import { endsWithUs } from './ends-with-us.js'
import { patienceMs } from './until.js'

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  input?: string
  ms?: number
  /** As another user; only root may. */
  uid?: number
}

/** Runs to the end. Rejects only when it could not be started or took too long. */
export function run(
  command: string,
  args: string[],
  { cwd, env, input, ms = 2 * patienceMs, uid }: RunOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = begin(command, args, { cwd, env, uid })
    let stdout = ''
    let stderr = ''
    child.stdout!.on('data', (chunk) => (stdout += String(chunk)))
    child.stderr!.on('data', (chunk) => (stderr += String(chunk)))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${command} ${args.join(' ')} took more than ${ms} ms\n${stdout}\n${stderr}`))
    }, ms)
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, stdout, stderr })
    })
    // One that ends without reading what it is given says so by its exit code.
    child.stdin!.on('error', () => {})
    child.stdin!.end(input ?? '')
  })
}

/** Starts a long-running one; ended with the test process at the latest. */
export function begin(
  command: string,
  args: string[],
  {
    cwd,
    env,
    uid,
    stdout = 'pipe',
    atTheLatest = 'KILL',
  }: {
    cwd?: string | undefined
    env?: NodeJS.ProcessEnv | undefined
    uid?: number | undefined
    /** A descriptor its standard output goes to. */
    stdout?: number | 'pipe'
    /** The signal that ends it with the test process. Default KILL. */
    atTheLatest?: 'KILL' | 'QUIT'
  } = {},
): ChildProcess {
  const child = spawn(command, args, {
    cwd,
    env: env ?? process.env,
    stdio: ['pipe', stdout, 'pipe'],
    ...(uid === undefined ? {} : { uid }),
  })
  endsWithUs(child, atTheLatest)
  return child
}

/**
 * The first line of standard output that `parse` makes something of; rejects with everything printed when the program
 * ends first, or is killed because none came in `ms`.
 */
export function firstLine<T>(child: ChildProcess, parse: (line: string) => T | undefined, ms = patienceMs): Promise<T> {
  return new Promise((resolve, reject) => {
    let seen = ''
    let errors = ''
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`nothing came in ${ms} ms:\n${seen}\n${errors}`))
    }, ms)
    child.stderr!.on('data', (chunk) => (errors += String(chunk)))
    child.stdout!.on('data', (chunk) => {
      seen += String(chunk)
      for (const line of seen.split('\n').slice(0, -1)) {
        const value = parse(line)
        if (value !== undefined) {
          clearTimeout(timer)
          return resolve(value)
        }
      }
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      reject(new Error(`it ended with ${code} first:\n${seen}\n${errors}`))
    })
  })
}

export async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  return new Promise((resolve) => child.once('close', (code) => resolve(code)))
}

/** Is a process with this id alive? */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
