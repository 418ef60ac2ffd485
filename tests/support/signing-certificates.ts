// signing-certificates — keys and certificates as customs give them out, made by OpenSSL: RSA and SM2.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from './temp.js'

export interface SigningKey {
  certFile: string
  keyFile: string
  cert: string
  key: string
}

/** A certificate that is its own issuer. `days` from now on; `in` a folder of the caller's. */
export async function signingKey(
  kind: 'rsa' | 'sm2',
  { name = '测试电商有限公司', days = 30, dir }: { name?: string; days?: number; dir?: string } = {},
): Promise<SigningKey> {
  const folder = dir ?? (await tempDir('signing'))
  const id = `${kind}-${Math.random().toString(36).slice(2, 8)}`
  const certFile = join(folder, `${id}.crt`)
  const keyFile = join(folder, `${id}.key`)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
  const key = kind === 'rsa' ? ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'] : ['EC', '-pkeyopt', 'ec_paramgen_curve:SM2']
  openssl('genpkey', '-algorithm', ...key, '-out', keyFile)
  const digest = kind === 'rsa' ? '-sha256' : '-sm3'
  openssl(
    'req',
    '-x509',
    '-new',
    '-utf8',
    '-key',
    keyFile,
    digest,
    '-days',
    String(days),
    // As long as customs' own.
    '-set_serial',
    `0x5a${randomBytes(7).toString('hex')}`,
    '-subj',
    `/CN=${name}`,
    '-out',
    certFile,
  )
  return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
}
