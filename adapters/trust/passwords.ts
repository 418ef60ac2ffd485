// passwords — a person's password as it is kept: scrypt with its parameters beside it, so that they can grow and old
// ones still fit.
import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import type { PasswordHash } from '../../messages/operator.js'

interface PasswordCost {
  n: number
  r: number
  p: number
}

/** OWASP's least for scrypt: 32 MB of memory and some 80 ms a password. */
export const passwordCost: PasswordCost = { n: 2 ** 15, r: 8, p: 3 }
const bytes = 32
const memory = ({ n, r }: PasswordCost) => 256 * n * r

const derived = (password: string, { n, r, p, salt }: Omit<PasswordHash, 'hash'>): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options: ScryptOptions = { N: n, r, p, maxmem: memory({ n, r, p }) }
    scrypt(password.normalize('NFKC'), Buffer.from(salt, 'base64'), bytes, options, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })

/** @param cost of a new password; one that is kept says its own */
export function createPasswords(cost: PasswordCost) {
  /** Of a password nobody has: guessing at a name that does not exist takes as long as at one that does. */
  const nobody: PasswordHash = { ...cost, salt: randomBytes(16).toString('base64'), hash: '' }
  return {
    async hash(password: string): Promise<PasswordHash> {
      const kept = { ...cost, salt: randomBytes(16).toString('base64') }
      return { ...kept, hash: (await derived(password, kept)).toString('base64') }
    },
    /** False also where there is none to compare with, after the same time. */
    async fits(password: string, kept: PasswordHash | undefined): Promise<boolean> {
      const found = await derived(password, kept ?? nobody)
      const wanted = Buffer.from((kept ?? nobody).hash, 'base64')
      return wanted.length === found.length && timingSafeEqual(wanted, found)
    },
  }
}
