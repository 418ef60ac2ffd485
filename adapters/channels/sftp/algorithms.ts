// algorithms — the cryptography this door speaks: what OpenSSH, WinSCP, FileZilla, paramiko, Apache and today's JSch
// have in common, nothing older.
import { ssh2 } from '../../ssh/library.js'
import type { Algorithms, ParsedKey, ServerConfig } from 'ssh2'

/**
 * No SHA-1, no NIST curves, no CBC, MACs over the ciphertext only. No compression: before login it would let anybody
 * inflate for nothing, and files of this kind are small. Finite-field Diffie-Hellman is left out for its cost:
 * milliseconds of everybody's time a connection.
 */
export const algorithms: Algorithms = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org'],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes256-ctr',
    'aes192-ctr',
    'aes128-ctr',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com'],
  compress: ['none'],
}

type HostKey = NonNullable<ServerConfig['hostKeys']>[number]

/**
 * The host keys as ssh2 takes them. An RSA key signs with SHA-2 only: given as it is, ssh2 would offer `ssh-rsa`
 * (SHA-1) as well.
 */
export function servedKeys(keys: readonly Buffer[]): HostKey[] {
  return keys.flatMap((key): HostKey[] => {
    const read: unknown = ssh2.utils.parseKey(key)
    const parsed = (Array.isArray(read) ? read[0] : read) as ParsedKey | Error
    if (parsed instanceof Error) throw parsed
    if (parsed.type !== 'ssh-rsa') return [key]
    return ['rsa-sha2-512', 'rsa-sha2-256'].map((type) => {
      const one = Object.create(parsed, { type: { value: type } }) as unknown
      return { key: one } as HostKey
    })
  })
}
