// password-work — passwords are hashed and compared two at a time: each takes 32 MB. Who comes meanwhile waits in line.
import type { createPasswords } from '../../../adapters/trust/passwords.js'

const mostAtOnce = 2

/** What is asked of passwords, in line. @see [createPasswords](../../../adapters/trust/passwords.ts) */
export type PasswordWork = ReturnType<typeof createPasswords>

/** The same passwords, worked on in line. */
export function createPasswordWork(passwords: PasswordWork): PasswordWork {
  const line: (() => void)[] = []
  let working = 0

  async function inLine<T>(work: () => Promise<T>): Promise<T> {
    if (working >= mostAtOnce) await new Promise<void>((resolve) => line.push(resolve))
    else working += 1
    try {
      return await work()
    } finally {
      const next = line.shift()
      if (next) next()
      else working -= 1
    }
  }

  return {
    hash: (password) => inLine(() => passwords.hash(password)),
    fits: (password, kept) => inLine(() => passwords.fits(password, kept)),
  }
}
