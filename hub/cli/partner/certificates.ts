// certificates — the certificates of a partner: those its messages are signed with (验签证书), and those its
// connections show at the door (客户端证书).
import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import {
  KeyRevoked,
  NewCertificate,
  NewSigningCertificate,
  SigningCertificateList,
  type SigningCertificateView,
} from '../../../messages/views/index.js'
import { answerAs, cannotRead, createClient } from '../client.js'
import { moment, print, table, when, zone } from '../show.js'
import { jsonOption, whyOption } from '../options.js'

interface Options {
  door?: boolean
  bySubject?: boolean
  expires?: string
  label?: string
  why?: string
  json?: boolean
}

const path = (partnerId: string, more = '') => `/ops/partners/${encodeURIComponent(partnerId)}/certificates${more}`

export function addCertificates(partner: Command): void {
  const certificate = partner
    .command('certificate')
    .argument('<id>')
    .argument('<file>', 'the certificate in PEM form; its private key stays with the partner')
    .description('its certificates 证书: add, list, revoke; without a subcommand: `add --door`')
    .option(
      '--by-subject',
      'accept every certificate with the same subject and issuer, so that a renewed one needs no new entry',
    )
    .option('--expires <when>', 'when it expires: a time, or days from now; default: the certificate’s own end')
    .option('--label <text>', 'what it is for')
    .option(...whyOption)
    .option(...jsonOption)
    .action((partnerId: string, file: string, options: Options) => addToDoor(partnerId, file, options))
  certificate
    .command('add')
    .argument('<id>')
    .argument('<file>', 'the certificate in PEM form; its private key stays with the partner')
    .description(
      'add a certificate that verifies its messages 验签证书; with --door: a client certificate for its connections 客户端证书',
    )
    .option('--door', 'a client certificate, beside its keys (tls.clientCertificates: ask)')
    .option('--by-subject', 'with --door: accept every certificate with the same subject and issuer')
    .option('--expires <when>', 'with --door: when it expires: a time, or days from now')
    .option('--label <text>', 'what it is for')
    .option(...whyOption)
    .option(...jsonOption)
    // The parent has options of the same names, and would keep what they were given.
    .action((partnerId: string, file: string, _: Options, command: Command) => {
      const options = command.optsWithGlobals<Options>()
      return options.door ? addToDoor(partnerId, file, options) : addToSign(partnerId, file, options)
    })
  certificate
    .command('list')
    .argument('<id>')
    .description(
      'list the certificates that verify its messages, and the days left; `hub partner keys` lists client certificates',
    )
    .option(...jsonOption)
    .action(async (partnerId: string, _: Options, command: Command) => {
      const { json } = command.optsWithGlobals<Options>()
      const listed = await createClient().read(SigningCertificateList, path(partnerId), { ops: true })
      print(listed, json === true, () =>
        listed.certificates.length === 0
          ? `${partnerId} has none: hub partner certificate add ${partnerId} <file> 未登记验签证书`
          : table([
              ['ID', 'NUMBER', 'ALGORITHM', 'SUBJECT', 'FOR', 'UNTIL', 'DAYS LEFT', 'STATE'],
              ...listed.certificates.map((one) => [
                one.id,
                one.number,
                one.algorithm,
                one.subject,
                one.label,
                one.notAfter,
                String(one.daysLeft),
                stateOf(one),
              ]),
            ]),
      )
    })
  certificate
    .command('revoke')
    .argument('<id>')
    .argument('<certificate>', 'its id, as `hub partner certificate list` shows it')
    .description('revoke a certificate: signatures made with it are no longer valid 撤销验签证书')
    .option(...whyOption)
    .option(...jsonOption)
    .action(async (partnerId: string, id: string, _: Options, command: Command) => {
      const { why, json } = command.optsWithGlobals<Options>()
      const query = why === undefined ? '' : `?${new URLSearchParams({ why })}`
      const revoked = await createClient().call(path(partnerId, `/${encodeURIComponent(id)}${query}`), {
        ops: true,
        method: 'DELETE',
      })
      print(await answerAs(KeyRevoked, revoked), json === true, () => `no signature of ${id} holds any more 已撤销`)
    })
}

async function addToSign(partnerId: string, file: string, { label, why, json }: Options): Promise<void> {
  const added = await createClient().act(NewSigningCertificate, path(partnerId), {
    certificate: read(file),
    use: 'signature',
    ...(label === undefined ? {} : { label }),
    ...(why === undefined ? {} : { why }),
  })
  print(
    added,
    json === true,
    () => `${added.id} of ${partnerId}: ${added.number}, ${added.subject}, until ${when(added.notAfter)} 已登记`,
  )
}

async function addToDoor(partnerId: string, file: string, options: Options): Promise<void> {
  const { bySubject, expires, label, why, json } = options
  const made = await createClient().act(NewCertificate, path(partnerId), {
    certificate: read(file),
    by: bySubject ? 'subject' : 'fingerprint',
    ...(label === undefined ? {} : { label }),
    ...(expires === undefined ? {} : { expiresAt: moment(expires) }),
    ...(why === undefined ? {} : { why }),
  })
  const until = made.expiresAt === undefined ? '' : `, until ${when(made.expiresAt)} ${zone}`
  print(made, json === true, () => `${made.id} of ${partnerId}: ${made.subject}${until} 已登记`)
}

const stateOf = ({ revokedAt, daysLeft }: SigningCertificateView) =>
  revokedAt !== undefined ? `revoked ${when(revokedAt)}` : daysLeft < 0 ? 'expired' : 'in force'

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw cannotRead(file, error)
  }
}
