// token — a real PKCS#11 token for the tests: SoftHSM in a private folder, with a key that does not leave it.
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { SigningKey } from './signing-certificates.js'

const modules = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
]
const onPath = (name: string) => (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, name)))
const found = modules.find((file) => existsSync(file))

/** What is missing for it; undefined: it can be made. `node setup.mjs prepare` installs softhsm2 and opensc. */
export const tokenMissing =
  found !== undefined && onPath('softhsm2-util') && onPath('pkcs11-tool')
    ? undefined
    : 'softhsm2 and opensc (Debian: apt-get install softhsm2 opensc)'

export interface Token {
  /** What the hub, or its agent, runs for one signature. */
  command: string[]
  /** What that needs in its environment: where the token is, and its PIN. */
  env: Record<string, string>
}

/** Puts the key into a new token in `dir` and removes its file: from then on the token alone has it. */
export async function tokenWith({ keyFile }: SigningKey, dir: string): Promise<Token> {
  const pin = '246813'
  const conf = join(dir, 'softhsm2.conf')
  await mkdir(join(dir, 'tokens'), { mode: 0o700 })
  writeFileSync(conf, `directories.tokendir = ${join(dir, 'tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n`)
  const env = { SOFTHSM2_CONF: conf, TOKEN_PIN: pin }
  const softhsm = (...args: string[]) =>
    execFileSync('softhsm2-util', args, { env: { ...process.env, ...env }, stdio: 'pipe' })
  softhsm('--init-token', '--free', '--label', 'hub', '--so-pin', '13572468', '--pin', pin)
  softhsm('--import', keyFile, '--token', 'hub', '--label', 'ceb', '--id', '01', '--pin', pin)
  rmSync(keyFile)
  const login = ['--module', found!, '--token-label', 'hub', '--login', '--pin', 'env:TOKEN_PIN']
  return { command: ['pkcs11-tool', ...login, '--sign', '--mechanism', 'SHA256-RSA-PKCS', '--id', '01'], env }
}
