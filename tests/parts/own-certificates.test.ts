// own-certificates — the certificates the hub shows to agencies: whose they are, the days that are left, and renewal.
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownCertificates } from '../../hub/agencies/own-certificates.js'
import { authority } from '../support/certificates.js'
import { tempDir } from '../support/temp.js'

test('each is told by the entry of its agency with the days left, and read again when its file changes', async () => {
  const trusted = await authority()
  const [first, second] = [await trusted.issue('hub-2025'), await trusted.issue('hub-2026')]
  const file = join(await tempDir('certificates'), 'shown.crt')
  await copyFile(first.cert, file)
  const settings = {
    gacc: { connector: 'http', url: 'https://agency.example', tls: { certFile: file, keyFile: first.key } },
    mofcom: { connector: 'http', url: 'https://other.example', tls: { caFile: file } },
    default: { connector: 'folder', root: '/mnt/import' },
  }
  const [shown, ...more] = ownCertificates(settings)
  expect(shown).toMatchObject({ of: 'agency gacc', subject: 'CN=hub-2025' })
  expect(shown!.daysLeft).toBe(Math.floor((Date.parse(shown!.validTo) - Date.now()) / 86_400_000))
  expect(more).toEqual([])
  await copyFile(second.cert, file)
  expect(ownCertificates(settings)).toMatchObject([{ subject: 'CN=hub-2026' }])
  // Half written: the next look reads the whole of it.
  await writeFile(file, 'no certificate')
  expect(ownCertificates(settings)).toEqual([])
})
