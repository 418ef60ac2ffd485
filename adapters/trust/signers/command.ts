// command — a signer behind a program: `pkcs11-tool` for a token, the tool an HSM comes with. One process a signature;
// it is ended when it takes too long.
import { spawn } from 'node:child_process'
import type { SignWithKey } from '../signer.js'

/** No signature is longer, no complaint of interest either. */
const mostBytes = 16_384

/**
 * The bytes go to the program's standard input, the signature comes back on its standard output. Rejects with its first
 * line of complaint when it ends with anything but 0, and after `timeoutMs`.
 */
export function commandSigner([program, ...args]: readonly string[], timeoutMs: number): SignWithKey {
  return (bytes) =>
    new Promise((resolve, reject) => {
      const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'pipe'] })
      const out: Buffer[] = []
      const said: Buffer[] = []
      const timer = setTimeout(() => {
        child.kill('SIGKILL')
        reject(new Error(`${program} took longer than ${timeoutMs / 1000} s`))
      }, timeoutMs)
      const add = (to: Buffer[]) => (piece: Buffer) => {
        if (to.reduce((sum, { length }) => sum + length, 0) < mostBytes) to.push(piece)
      }
      child.stdout.on('data', add(out))
      child.stderr.on('data', add(said))
      child.on('error', (error) => {
        clearTimeout(timer)
        reject(error)
      })
      child.on('close', (code) => {
        clearTimeout(timer)
        if (code === 0) return resolve(Buffer.concat(out))
        const [line = ''] = Buffer.concat(said).toString('utf8').trim().split('\n')
        reject(new Error(`${program} ended with ${code}${line === '' ? '' : `: ${line.slice(0, 200)}`}`))
      })
      // It may have ended before it has read; what it says then tells why.
      child.stdin.on('error', () => {})
      child.stdin.end(bytes)
    })
}
