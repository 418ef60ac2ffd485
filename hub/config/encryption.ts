// encryption — where the key comes from that the ledger's bytes are encrypted under: a file, or a command that prints
// what such a file would hold (a KMS that unwraps it, an agent, an HSM).
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { Type, type Static } from 'typebox'
import { cipherNames } from '../../store/sealing/ciphers.js'
import { LedgerKeyError, masterKeys, type Encryption } from '../../store/sealing/master-keys.js'

/** A KMS in another region, and once more. */
const usualCommandSeconds = 20
const mostOutputBytes = 64 * 1024

/** `encryption` of hub.yaml. */
export const EncryptionSettings = Type.Object(
  {
    key: Type.Object(
      {
        file: Type.Optional(
          Type.String({
            minLength: 1,
            description:
              'Key file: 32 bytes in base64 a line (`openssl rand -base64 32`), the first encrypts, ' +
              'the others still open; readable by the hub alone (0600)',
            zh: '密钥文件（base64，每行 32 字节）',
          }),
        ),
        command: Type.Optional(
          Type.Array(Type.String(), {
            minItems: 1,
            description:
              'In place of a file: program and arguments that print what it would hold, such as a KMS that ' +
              'unwraps it; no shell',
            zh: '输出密钥的命令（如 KMS 解封）',
          }),
        ),
        seconds: Type.Number({
          default: usualCommandSeconds,
          exclusiveMinimum: 0,
          maximum: 300,
          description: 'Seconds the command may take',
          zh: '命令超时（秒）',
        }),
      },
      { additionalProperties: false },
    ),
    cipher: Type.Enum([...cipherNames, 'none'], {
      default: 'aes-256-gcm',
      description:
        '`aes-256-gcm`; `sm4`: SM4 in counter mode with HMAC-SM3; `none`: new bytes are kept plainly, ' +
        'encrypted ones are read, and `hub keys reseal` makes them plain',
      zh: '加密算法（国密选 sm4）',
    }),
  },
  { additionalProperties: false },
)
export type EncryptionSettings = Static<typeof EncryptionSettings>

/** @throws LedgerKeyError, which says what to do and never shows a key */
export function encryptionOf({ encryption }: { encryption?: EncryptionSettings | undefined }): Encryption | undefined {
  if (!encryption) return undefined
  const { key, cipher } = encryption
  const { file, command } = key
  if ((file === undefined) === (command === undefined))
    throw new LedgerKeyError(
      '`encryption.key` has one of `file` and `command`. encryption.key 须设置 file 或 command 其中一项。',
    )
  return { cipher, masters: file === undefined ? ofCommand(command!, key.seconds) : ofFile(file) }
}

function ofFile(file: string): Buffer[] {
  try {
    const { mode } = statSync(file)
    if ((mode & 0o077) !== 0)
      throw new LedgerKeyError(
        `the key file ${file} can be read by others: chmod 600 ${file}. 密钥文件权限过宽，请执行 chmod 600。`,
      )
    return masterKeys(readFileSync(file, 'utf8'), file)
  } catch (error) {
    if (error instanceof LedgerKeyError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new LedgerKeyError(
      `the key file ${file} (\`encryption.key.file\`) cannot be read: ${code ?? message}. Put it there: ` +
        `without it nothing in the ledger can be read. 无法读取密钥文件 ${file}，请放回该文件。`,
    )
  }
}

function ofCommand([program, ...given]: string[], seconds: number): Buffer[] {
  const told = spawnSync(program!, given, {
    encoding: 'utf8',
    timeout: seconds * 1000,
    maxBuffer: mostOutputBytes,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (told.error || told.status !== 0)
    throw new LedgerKeyError(
      `\`encryption.key.command\` (${program}) gave no ` +
        `key: ${told.error?.message ?? `it ended with ${told.status ?? told.signal}`}. ` +
        `${told.stderr?.slice(0, 500).trim() ?? ''} ` +
        'Run it by hand as the user of the hub. 获取密钥的命令执行失败，请以 hub 用户手工执行排查。',
    )
  return masterKeys(told.stdout, `\`encryption.key.command\` (${program})`)
}
