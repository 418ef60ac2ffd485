// certificates — an authority of the test's own, and certificates of it, made by OpenSSL.
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from './temp.js'

export interface Authority {
  dir: string
  ca: string
  /** Makes <dir>/<name>.crt and .key; `names` are what a server may be called. */
  issue(name: string, names?: string): Promise<{ cert: string; key: string }>
}

/** Its files are gone when the test is over; in a directory of the caller's they are the caller's. */
export async function authority(common = 'Test Authority', own?: string): Promise<Authority> {
  const dir = own ?? (await tempDir('ca'))
  const file = (name: string) => join(dir, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore', cwd: dir })
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.crt'),
    '-days',
    '2',
    '-subj',
    `/CN=${common}`,
  )
  return {
    dir,
    ca: file('ca.crt'),
    async issue(name, names = `DNS:${name}`) {
      await writeFile(file(`${name}.ext`), `subjectAltName=${names}\n`)
      openssl(
        'req',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-keyout',
        file(`${name}.key`),
        '-out',
        file(`${name}.csr`),
        '-subj',
        `/CN=${name}`,
      )
      openssl(
        'x509',
        '-req',
        '-in',
        file(`${name}.csr`),
        '-CA',
        file('ca.crt'),
        '-CAkey',
        file('ca.key'),
        '-CAcreateserial',
        '-out',
        file(`${name}.crt`),
        '-days',
        '2',
        '-extfile',
        file(`${name}.ext`),
      )
      return { cert: file(`${name}.crt`), key: file(`${name}.key`) }
    },
  }
}
