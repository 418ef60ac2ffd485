// keys — encryption at rest: which keys there are, a new one, and how far old bytes are under it.
import type { Command } from 'commander'
import { KeysView } from '../../messages/views/index.js'
import { createClient } from './client.js'
import { print, table, when, zone } from './show.js'
import { jsonOption, whyOption } from './options.js'

export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('encryption of the ledger’s bytes 静态加密 (needs HUB_OPS_KEY); `encryption` in hub.yaml turns it on')
  keys
    .command('list', { isDefault: true })
    .description('list the data keys, and how many bytes are still under older ones')
    .option(...jsonOption)
    .action(async ({ json }: { json?: boolean }) => {
      show(await createClient().read(KeysView, '/ops/keys', { ops: true }), json)
    })
  for (const [name, text] of [
    [
      'rotate',
      'make a new data key 轮换密钥; old bytes are encrypted again little by little. All data keys are encrypted ' +
        'with the first master key',
    ],
    ['reseal', 'encrypt all bytes with the newest key now 重新加密; the hub does this daily'],
  ] as const)
    keys
      .command(name)
      .description(text)
      .requiredOption(...whyOption)
      .option(...jsonOption)
      .action(async ({ why, json }: { why: string; json?: boolean }) => {
        show(await createClient().act(KeysView, `/ops/keys/${name}`, { why }), json)
      })
}

function show(view: KeysView, json = false): void {
  const { encrypted, keys, resealing } = view
  const { running, looked, resealed, startedAt, endedAt, trouble } = resealing
  print(view, json, () =>
    [
      encrypted ? 'New bytes are encrypted. 新写入内容已加密。' : 'New bytes are not encrypted. 新写入内容未加密。',
      ...(keys.length === 0
        ? []
        : [
            table([
              ['KEY', 'CIPHER', 'MASTER', `MADE ${zone}`, ''],
              ...keys.map(({ id, cipher, master, madeAt, current }) => [
                id,
                cipher,
                master,
                when(madeAt),
                current ? 'current' : '',
              ]),
            ]),
          ]),
      ...(startedAt === undefined
        ? []
        : [
            `${running ? 'Under way' : endedAt ? `All looked at ${when(endedAt)}` : 'Not ended'}: ${looked} ` +
              `pieces looked at, ${resealed} encrypted again.`,
          ]),
      ...(trouble === undefined ? [] : [`Cut short: ${trouble}`]),
    ].join('\n'),
  )
}
