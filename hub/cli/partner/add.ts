// add — `hub partner add`: a new partner with its first key, or the given settings of one there is.
import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { ChangedPartner } from '../../../messages/views/index.js'
import { cannotRead, createClient } from '../client.js'
import { jsonOption } from '../options.js'
import { print } from '../show.js'
import { newKey } from './keys.js'
import { readRate } from './rate.js'

export function addAdd(partner: Command): void {
  partner
    .command('add')
    .argument('<id>', 'short name, also the SFTP user: a-z, 0-9, -')
    .description('add a partner and print its HTTP key once; or change only the given settings of a partner')
    .option('-n, --name <name>', 'company name; a new partner needs one')
    .option(
      '-r, --rights <codes...>',
      'catalogue codes or prefixes it may use, e.g. 10.1 1.1; * for all; a new one has none',
    )
    .option('-k, --ssh-key <file...>', 'OpenSSH public key files for the SFTP door')
    .option(
      '--rate <limits...>',
      'limit for each second: calls=200, bytes=16MB (after decompression), one or both; `usual`: the limit of hub.yaml',
    )
    .option(
      '--addresses <ranges...>',
      'addresses and ranges it may connect from: 192.0.2.0/24 2001:db8::/32; any: everywhere',
    )
    .option(
      '--certificate <rule>',
      'require: over HTTP a client certificate is needed; optional: a key alone is enough',
    )
    .option(
      '--signatures <rule>',
      'verify the signatures of its messages 验签: require, warn or off; register certificates with `hub partner ' +
        'certificate add`',
    )
    .option('--native', 'business receipts as the agency sent them, not in the hub’s form')
    .option('--hub-form', 'business receipts in the hub’s form again')
    .option(...jsonOption)
    .action(
      async (
        partnerId: string,
        options: {
          name?: string
          rights?: string[]
          sshKey?: string[]
          rate?: string[]
          addresses?: string[]
          certificate?: string
          signatures?: string
          native?: boolean
          hubForm?: boolean
          json?: boolean
        },
      ) => {
        const rate = options.rate && readRate(options.rate)
        const settings = {
          ...(options.rights ? { rights: options.rights } : {}),
          ...(rate ? { rate } : {}),
          ...(options.addresses ? { addresses: options.addresses.filter((range) => range !== 'any') } : {}),
          ...(options.certificate ? { certificate: options.certificate } : {}),
          ...(options.signatures ? { signatures: options.signatures } : {}),
          ...(options.native ? { receipts: 'native' } : options.hubForm ? { receipts: 'hub' } : {}),
        }
        const changed = await createClient().act(ChangedPartner, '/ops/partners', {
          partnerId,
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(options.sshKey ? { sshKeys: options.sshKey.flatMap((file) => readKeys(file)) } : {}),
          ...(Object.keys(settings).length > 0 ? { settings } : {}),
        })
        if (!changed.created)
          return print(
            changed,
            options.json === true,
            () => `${partnerId} is changed 已修改; its keys stay as they are`,
          )
        await newKey(partnerId, { kind: 'http', label: 'first key' }, options.json === true)
        if (changed.settings.rights.length === 0)
          process.stderr.write(`${partnerId} may do nothing yet 尚无权限: hub partner add ${partnerId} --rights …\n`)
      },
    )
}

/** The public keys of an OpenSSH file, a line each. */
function readKeys(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'))
  } catch (error) {
    throw cannotRead(file, error)
  }
}
