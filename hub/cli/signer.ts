// signer — the keys that sign for customs: whether each is there, how long its certificate lasts, what waits for it.
import type { Command } from 'commander'
import { SignerList } from '../../messages/views/index.js'
import { createClient } from './client.js'
import { print, table, when, zone } from './show.js'
import { jsonOption } from './options.js'

export function addSigner(program: Command): void {
  program
    .command('signer')
    .description('the keys that sign declarations 加签 (needs HUB_OPS_KEY)')
    .command('list', { isDefault: true })
    .description('list the signing keys: available or not, certificate, submissions that wait')
    .option(...jsonOption)
    .action(async (options: { json?: boolean }) => {
      const listed = await createClient().read(SignerList, '/ops/signers', { ops: true })
      print(listed, options.json === true, () =>
        listed.signers.length === 0
          ? 'No signer is set: `signers` in hub.yaml, docs/signatures.md. 未设置加签密钥。'
          : table([
              [
                'SIGNER',
                'STATE',
                `SINCE ${zone}`,
                'KEY',
                'ALGORITHM',
                'CERTIFICATE',
                'DAYS LEFT',
                'SIGNED',
                'WAITING',
                'WHY',
              ],
              ...listed.signers.map(({ name, up, since, key, algorithm, certificate, signed, waiting, why = '' }) => [
                name,
                up ? 'up' : 'away',
                when(since),
                key,
                algorithm,
                certificate.number,
                String(certificate.daysLeft),
                String(signed),
                String(waiting),
                why,
              ]),
            ]),
      )
    })
}
