// sign-for-hub — what `hub sign-agent` does: asks a hub for work, signs, brings the value back, until it is stopped.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { commandSigner } from '../../adapters/trust/signers/command.js'
import { keyFileSigner } from '../../adapters/trust/signers/key-file.js'
import type { SignWithKey } from '../../adapters/trust/signer.js'
import { readSigningCertificate, signedBy } from '../../adapters/trust/signing-certificate.js'
import { SigningWork } from '../../messages/views/index.js'
import { answerAs, clientSettings, CliError } from './client.js'

/** Options of `hub sign-agent`, as they are typed. */
export interface SignAgentOptions {
  hub?: string
  cert: string
  key?: string
  passphraseEnv?: string
  timeout: string
}

/** @throws CliError where a setting is missing, or the key does not sign for the certificate */
export async function signForHub(
  command: string[],
  { hub, cert, key, passphraseEnv, timeout }: SignAgentOptions,
): Promise<void> {
  const settings = clientSettings()
  const token = settings.HUB_SIGN_TOKEN
  if (!token)
    throw new CliError('No token. Set HUB_SIGN_TOKEN to what the hub has for this signer. 未设置 HUB_SIGN_TOKEN。')
  if ((key === undefined) === (command.length === 0))
    throw new CliError(
      'Name the key: --key FILE, or a command behind --. 请用 --key 指定密钥文件，或在 -- 之后给出签名命令。',
    )
  const url = (hub ?? settings.HUB_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '')
  const certificate = certificateIn(cert)
  const passphrase = passphraseEnv === undefined ? undefined : settings[passphraseEnv]
  const sign =
    key === undefined
      ? commandSigner(command, Number(timeout) * 1000)
      : keyFileSigner(key, passphrase, certificate.algorithms)
  await mustSign(sign, certificate)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const call = (path: string, init: RequestInit = {}) =>
    fetch(url + path, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    })
  console.log(
    `Signing for ${url} with certificate ${certificate.number} (${certificate.subject}). Ctrl-C ends it. 加签代理已启动。`,
  )
  let trouble = ''
  while (!stop.signal.aborted) {
    try {
      const answer = await call('/signing/tasks?wait=20', { signal: stop.signal })
      if (answer.status === 401) throw new CliError(`The hub at ${url} does not know this token. HUB_SIGN_TOKEN 无效。`)
      if (!answer.ok) throw new Error(`the hub answered ${answer.status}`)
      if (trouble !== '') console.log('The hub is there again. 已恢复连接。')
      trouble = ''
      if (answer.status === 204) continue
      const { id, bytes } = await answerAs(SigningWork, answer)
      // What was begun is brought back also when this is being stopped.
      await call(`/signing/tasks/${id}`, { method: 'POST', body: JSON.stringify(await valueOf(sign, bytes)) })
    } catch (error) {
      if (stop.signal.aborted) break
      if (error instanceof CliError) throw error
      const why =
        error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error)
      if (why !== trouble) console.error(`The hub cannot be asked (${why}); trying again. 无法连接，重试中。`)
      trouble = why
      await sleep(2_000, undefined, { signal: stop.signal }).catch(() => {})
    }
  }
}

async function valueOf(sign: SignWithKey, bytes: string): Promise<{ value: string } | { error: string }> {
  try {
    return { value: (await sign(Buffer.from(bytes, 'base64'))).toString('base64') }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    console.error(`Could not sign: ${why} 加签失败`)
    return { error: why.slice(0, 500) || 'unknown' }
  }
}

function certificateIn(file: string) {
  try {
    return readSigningCertificate(readFileSync(file))
  } catch (error) {
    throw new CliError(`${file}: ${error instanceof Error ? error.message : String(error)} 证书不可用。`)
  }
}

/** Found out here, not with the first declaration. */
async function mustSign(sign: SignWithKey, certificate: ReturnType<typeof certificateIn>): Promise<void> {
  const probe = Buffer.from('singlewindow-hub probe 加签自检')
  const value = await sign(probe).catch((error: unknown) => {
    throw new CliError(
      `The key does not sign: ${error instanceof Error ? error.message : String(error)} 密钥无法加签。`,
    )
  })
  if (!signedBy(certificate, probe, value))
    throw new CliError('The key does not belong to the certificate. 密钥与证书不匹配。')
}
