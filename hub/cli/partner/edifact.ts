// edifact — how a partner's interchanges are read, where they are not what their envelopes say.
import type { Command } from 'commander'
import { ChangedPartner, PartnerList } from '../../../messages/views/index.js'
import { CliError, createClient } from '../client.js'
import { jsonOption } from '../options.js'
import { print } from '../show.js'

export function addEdifact(partner: Command): void {
  partner
    .command('edifact')
    .argument('<id>')
    .description(
      'settings for reading its EDIFACT where UNB and UNH are wrong 报文读取设置; without options: show them',
    )
    .option('--charset <name>', 'the real encoding, whatever UNB says: gbk, utf-8, big5, windows-1252')
    .option(
      '--codes <level>',
      'binding (default): an unknown code is an error in elements that decide how a message is read; strict: in ' +
        'every element; off: never',
    )
    .option(
      '--agree <element=codes...>',
      'codes agreed in addition to the directories, e.g. 6311=VGM 1153=AAX,ABX; they replace those agreed ' +
        'before for the same element',
    )
    .option('--release <from=to...>', 'read one release with the tables of another, e.g. D95A=D95B')
    .option('--reset', 'remove these settings')
    .option(...jsonOption)
    .action(
      async (
        partnerId: string,
        {
          charset,
          codes,
          agree,
          release,
          reset,
          json,
        }: {
          charset?: string
          codes?: string
          agree?: string[]
          release?: string[]
          reset?: boolean
          json?: boolean
        },
      ) => {
        const client = createClient()
        const { partners } = await client.read(PartnerList, '/ops/partners', { ops: true })
        const known = partners.find((one) => one.partnerId === partnerId)
        if (!known) throw new CliError(`there is no partner ${partnerId}; \`hub partner list\` shows them`)
        const pairs = (release ?? []).map((one) => one.split('='))
        if (pairs.some((pair) => pair.length !== 2)) throw new CliError('--release takes pairs such as D95A=D95B')
        const agreed = (agree ?? []).map((one): [string, string[]] => {
          const [, element, list] = /^(\d{4})=([^,=]+(?:,[^,=]+)*)$/.exec(one) ?? []
          if (!element || !list)
            throw new CliError('--agree takes an element and its codes, such as 6311=VGM or 1153=AAX,ABX')
          return [element, list.split(',')]
        })
        const before = reset ? undefined : known.settings.edifact
        const changes = {
          ...(charset === undefined ? {} : { charset }),
          ...(codes === undefined && agree === undefined
            ? {}
            : {
                codes: {
                  ...before?.codes,
                  ...(codes === undefined ? {} : { level: codes }),
                  ...(agree === undefined
                    ? {}
                    : { agreed: { ...before?.codes?.agreed, ...Object.fromEntries(agreed) } }),
                },
              }),
          ...(release === undefined ? {} : { releases: Object.fromEntries(pairs) as Record<string, string> }),
        }
        const edifact = { ...before, ...changes }
        if (reset || Object.keys(changes).length > 0)
          await client.act(ChangedPartner, '/ops/partners', {
            partnerId,
            name: known.name,
            disabled: known.disabled,
            settings: { edifact },
          })
        print({ partnerId, edifact }, json === true, () =>
          Object.keys(edifact).length === 0
            ? `EDIFACT of ${partnerId} is read as its envelopes say`
            : `EDIFACT of ${partnerId} is read with ${JSON.stringify(edifact)}`,
        )
      },
    )
}
