// The file descriptors of the process are shared out, whatever their number, and something is left for the ledger and
// the agencies.
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { descriptorLimit, descriptorShares } from '../../hub/base/descriptors.js'

test('the limit is the one a shell of this process would say', () => {
  const said = execFileSync('/bin/sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim()
  expect(descriptorLimit()).toBe(said === 'unlimited' ? 65_536 : Number(said))
})

test.each([256, 1024, 4096, 65_536, 1_048_576])('of %i, the doors take three quarters at most', (limit) => {
  const share = descriptorShares(limit)
  expect(share.http + share.sftp + share.sftpStrangers + share.handles).toBeLessThanOrEqual(limit * 0.75)
  // One partner or one address never has all of anything.
  expect(share.handlesPerPartner).toBeLessThan(share.handles)
  expect(share.sftpPerPartner).toBeLessThan(share.sftp)
  expect(share.sftpStrangersPerAddress).toBeLessThan(share.sftpStrangers)
  expect(share.httpStrangersPerAddress).toBeLessThan(share.http)
})
