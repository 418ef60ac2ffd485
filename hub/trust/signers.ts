// signers — the keys that sign for customs (加签): which of them signs what, and whether each is there. A key that goes
// dark is found out by a probe signature before a declaration is, and what it would have signed waits.
import { createPrivateKey, sign, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createAgentSigner, type AgentSigner } from '../../adapters/trust/signers/agents.js'
import { commandSigner } from '../../adapters/trust/signers/command.js'
import { keyFileSigner } from '../../adapters/trust/signers/key-file.js'
import type { SignWithKey, SignerSettings } from '../../adapters/trust/signer.js'
import {
  daysLeft,
  readSigningCertificate,
  signedBy,
  type SigningCertificate,
} from '../../adapters/trust/signing-certificate.js'
import { signSm2 } from '../../adapters/trust/sm2.js'
import type { SignerView } from '../../messages/signer-view.js'
import type { ValueFault } from '../../messages/value-fault.js'
import type { Log } from '../base/log.js'
import type { Signatures } from './signatures.js'

/** Nobody can sign this now. */
export class SignerAwayError extends Error {
  override name = 'SignerAwayError'
  constructor(
    /** Undefined: no signer is set for it. */
    readonly signer: string | undefined,
    readonly detail: string,
  ) {
    super(detail)
  }
}

/** All keys that sign for customs. */
export interface Signers {
  /** @throws SignerAwayError, UnsignableError */
  sign(message: { submissionId: string; agency: string; companies: readonly string[]; bytes: Buffer }): Promise<{
    bytes: Buffer
    signer: string
  }>
  /** It has been found to need a signer that is still away: why. */
  waitsFor(submissionId: string): string | undefined
  /** By the token an agent shows. */
  agent(token: string): AgentSigner | undefined
  views(): SignerView[]
  /** Other settings, at once: what stays as it was goes on, what waits for one that is gone finds another. */
  update(settings: readonly SignerSettings[]): void
  close(): Promise<void>
}

interface Signer {
  settings: SignerSettings
  certificate: SigningCertificate
  sign: SignWithKey
  agent?: AgentSigner
  /** `up` is undefined until it has been asked. */
  state: { up: boolean | undefined; since: Date; why?: string }
  signed: number
}

interface SignersParts {
  settings: readonly SignerSettings[]
  env: NodeJS.ProcessEnv
  signatures: Signatures
  log: Pick<Log, 'info' | 'warn'>
  /** How often each is asked for a probe signature, and how often while it is away. */
  probeMs?: number
  awayMs?: number
  now?: () => Date
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** A submission that waits for a signer is come upon every few seconds, by one of the hubs. */
const forgetMs = 120_000

const probe = Buffer.from('singlewindow-hub probe 加签自检')

/** @throws Error when a certificate cannot be read: the configuration has been looked at before */
export function createSigners(parts: SignersParts): Signers {
  const { settings, env, signatures, log, probeMs = 60_000, awayMs = 5_000, now = () => new Date() } = parts
  function made(one: SignerSettings): Signer {
    const certificate = readSigningCertificate(readFileSync(one.certFile, 'utf8'))
    const timeoutMs = one.timeoutSeconds * 1000
    const agent = one.agentTokenEnv === undefined ? undefined : createAgentSigner(timeoutMs)
    const sign =
      agent?.sign ?? (one.command ? commandSigner(one.command, timeoutMs) : fileSigner(one, certificate, env))
    const state = { up: undefined, since: now() }
    return { settings: one, certificate, sign, ...(agent ? { agent } : {}), state, signed: 0 }
  }
  let signers = settings.map(made)
  /** With when this hub last came upon each. */
  const waiting = new Map<string, { signer: Signer | undefined; why: string; seen: number }>()
  let closed = false
  const timers = new Map<Signer, NodeJS.Timeout>()

  /**
   * What a key gives is looked at before it goes anywhere: a wrong key behind the right certificate is found here, not
   * by customs.
   */
  async function valueOf(signer: Signer, bytes: Buffer): Promise<Buffer> {
    const { certificate } = signer
    if (daysLeft(certificate, now()) < 0)
      throw new Error(`its certificate ended on ${certificate.notAfter.toISOString()}`)
    const value = await signer.sign(bytes)
    if (!signedBy(certificate, bytes, value)) throw new Error('its key does not belong to its certificate')
    return value
  }

  /** The next probe: soon while it is away, whoever has found that out. */
  function again(signer: Signer): void {
    clearTimeout(timers.get(signer))
    if (closed || !signers.includes(signer)) return
    timers.set(signer, setTimeout(() => void look(signer), signer.state.up ? probeMs : awayMs).unref())
  }

  function told(signer: Signer, error?: unknown): void {
    const up = error === undefined
    const why = up ? undefined : textOf(error)
    const { name } = signer.settings
    if (signer.state.up !== up) {
      signer.state = { up, since: now(), ...(why ? { why } : {}) }
      if (up) log.info({ signer: name }, 'signer is there')
      else log.warn({ signer: name, why }, 'signer is away; what it would sign waits')
      again(signer)
    } else if (why) signer.state.why = why
  }

  /** A certificate that was renewed in its file counts from the next probe on, with the key that came with it. */
  function renewed(signer: Signer): void {
    const { settings: one } = signer
    const certificate = readSigningCertificate(readFileSync(one.certFile, 'utf8'))
    if (certificate.base64 === signer.certificate.base64) return
    signer.certificate = certificate
    if (one.keyFile !== undefined) signer.sign = fileSigner(one, certificate, env)
    log.info({ signer: one.name, certificate: certificate.number }, 'the certificate of a signer was renewed')
  }

  async function look(signer: Signer): Promise<void> {
    try {
      renewed(signer)
      await valueOf(signer, probe)
      told(signer)
    } catch (error) {
      told(signer, error)
    }
    again(signer)
  }

  function choose(agency: string, companies: readonly string[]): Signer[] {
    const fits = signers.filter(
      ({ settings: { agencies, companies: own } }) =>
        (agencies?.includes(agency) ?? true) && (own?.some((code) => companies.includes(code)) ?? true),
    )
    // One that is for these companies comes before one that is for all; one that is there before one that is not.
    const rank = ({ settings: { companies: own }, state }: Signer) => (own ? 0 : 2) + (state.up ? 0 : 1)
    const named = fits.some(({ settings: { companies: own } }) => own)
    return fits.filter(({ settings: { companies: own } }) => !named || own).sort((a, b) => rank(a) - rank(b))
  }

  /** What this hub does not come upon any more another hub has signed, or it was given up. */
  function forgetOthers(): void {
    const at = now().getTime()
    for (const [submissionId, { seen }] of waiting) if (Math.abs(at - seen) > forgetMs) waiting.delete(submissionId)
  }

  for (const signer of signers) void look(signer)

  return {
    async sign({ submissionId, agency, companies, bytes }) {
      const fitting = choose(agency, companies)
      let last: { signer: Signer; why: string } | undefined
      for (const signer of fitting) {
        const { certificate, settings: own } = signer
        const { signedInfo, complete } = await signatures.prepare(bytes, {
          kind: certificate.algorithms.kind,
          keyName: own.keyName ?? certificate.number,
          ...(own.includeCertificate ? { certificate: certificate.base64 } : {}),
        })
        // One that is away is not waited for by every message: its probe finds out when it is back.
        if (signer.state.up === false) {
          last = { signer, why: signer.state.why ?? '' }
          continue
        }
        try {
          const value = await valueOf(signer, signedInfo)
          told(signer)
          signer.signed += 1
          waiting.delete(submissionId)
          return { bytes: complete(value), signer: own.name }
        } catch (error) {
          told(signer, error)
          last = { signer, why: textOf(error) }
        }
      }
      const why = last
        ? `${last.signer.settings.name}: ${last.why}`
        : `no signer is set for ${agency}${companies.length > 0 ? ` and ${companies.join(', ')}` : ''}`
      waiting.set(submissionId, { signer: last?.signer, why, seen: now().getTime() })
      throw new SignerAwayError(last?.signer.settings.name, why)
    },
    waitsFor(submissionId) {
      const known = waiting.get(submissionId)
      if (!known || known.signer?.state.up || (known.signer && !signers.includes(known.signer))) {
        waiting.delete(submissionId)
        return undefined
      }
      known.seen = now().getTime()
      return known.signer ? known.why : undefined
    },
    agent: (token) =>
      signers.find(
        ({ settings: { agentTokenEnv } }) =>
          agentTokenEnv !== undefined && token !== '' && env[agentTokenEnv] === token,
      )?.agent,
    views() {
      forgetOthers()
      const waitFor = (one: Signer) => [...waiting.values()].filter(({ signer }) => signer === one).length
      // What still waits for one that is there goes with its next job.
      return signers.map((one) => viewOf(one, one.state.up ? 0 : waitFor(one), now()))
    },
    update(next) {
      const before = signers
      const kept = (one: SignerSettings) =>
        before.find(({ settings: old }) => JSON.stringify(old) === JSON.stringify(one))
      signers = next.map((one) => kept(one) ?? made(one))
      for (const gone of before.filter((one) => !signers.includes(one))) clearTimeout(timers.get(gone))
      for (const one of signers) if (!before.includes(one)) void look(one)
    },
    async close() {
      closed = true
      for (const timer of timers.values()) clearTimeout(timer)
      await signatures.close()
    },
  }
}

function fileSigner(
  { keyFile, passphraseEnv }: SignerSettings,
  { algorithms }: SigningCertificate,
  env: NodeJS.ProcessEnv,
): SignWithKey {
  return keyFileSigner(keyFile!, passphraseEnv === undefined ? undefined : env[passphraseEnv], algorithms)
}

function viewOf({ settings, certificate, state, signed, agent }: Signer, waiting: number, now: Date): SignerView {
  return {
    name: settings.name,
    key: agent ? 'agent' : settings.command ? 'command' : 'file',
    algorithm: certificate.algorithms.kind,
    certificate: {
      number: certificate.number,
      subject: certificate.subject,
      notAfter: certificate.notAfter.toISOString(),
      daysLeft: daysLeft(certificate, now),
    },
    up: state.up === true,
    since: state.since.toISOString(),
    ...(state.why === undefined ? {} : { why: state.why }),
    signed,
    waiting,
    ...(agent?.seenAt === undefined ? {} : { agentSeenAt: new Date(agent.seenAt).toISOString() }),
  }
}

/** What is wrong with the settings, each with its place. Certificates and keys are looked at once, at the start. */
export function signerFaults(settings: readonly SignerSettings[], env: NodeJS.ProcessEnv): ValueFault[] {
  const faults: ValueFault[] = []
  const fault = (i: number, word: string, en: string, zh: string) =>
    void faults.push({ at: `/signers/${i}/${word}`, en, zh })
  settings.forEach((one, i) => {
    const keys = (['keyFile', 'command', 'agentTokenEnv'] as const).filter((word) => one[word] !== undefined)
    if (keys.length !== 1)
      fault(
        i,
        'keyFile',
        'exactly one of keyFile, command, agentTokenEnv says where its key is',
        '须且只能设置 keyFile、command、agentTokenEnv 之一',
      )
    if (settings.findIndex(({ name }) => name === one.name) !== i)
      fault(i, 'name', 'two signers have this name', '名称重复')
    for (const word of ['passphraseEnv', 'agentTokenEnv'] as const) {
      const variable = one[word]
      if (variable !== undefined && !env[variable])
        fault(i, word, `the environment variable ${variable} is not set`, `环境变量 ${variable} 未设置`)
    }
    try {
      const certificate = readSigningCertificate(readFileSync(one.certFile))
      if (one.keyFile !== undefined) mustBelong(one, certificate, env)
    } catch (error) {
      const why = textOf(error)
      fault(i, why.startsWith('its private key') ? 'keyFile' : 'certFile', why, `证书或密钥不可用：${why}`)
    }
  })
  return faults
}

/** @throws Error in words, without a part of the key */
function mustBelong(
  { keyFile, passphraseEnv }: SignerSettings,
  certificate: SigningCertificate,
  env: NodeJS.ProcessEnv,
) {
  let key: KeyObject
  try {
    const passphrase = passphraseEnv === undefined ? undefined : env[passphraseEnv]
    const pem = readFileSync(keyFile!)
    key = createPrivateKey({ key: pem, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new Error(
      code === 'ENOENT' || code === 'EACCES'
        ? `its private key cannot be read (${code})`
        : 'its private key is no PEM key, or its passphrase is another',
    )
  }
  const value = certificate.algorithms.kind === 'sm2' ? signSm2(probe, key) : sign('sha256', probe, key)
  if (!signedBy(certificate, probe, value)) throw new Error('its private key does not belong to the certificate')
}
