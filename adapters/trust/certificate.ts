// certificate — the hub's own certificate and key: read from their files, judged before they are used, and how many
// days are left of it.
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'

interface CertificateFiles {
  /** PEM: the certificate, then those of the authorities between it and the root. */
  certFile: string
  /** PEM, encrypted or not. */
  keyFile: string
  passphrase?: string | undefined
}

/** What a certificate says of itself. */
export interface CertificateFacts {
  subject: string
  issuer: string
  /** Names and addresses it is good for, as the certificate writes them. */
  names: string
  validFrom: Date
  validTo: Date
  /** SHA-256 of the certificate, in lower-case hexadecimal digits. */
  fingerprint: string
}

/** Certificate and key that fit each other. */
export interface Certificate {
  cert: Buffer
  key: Buffer
  passphrase?: string | undefined
  facts: CertificateFacts
}

/** What is wrong with the files, for the person who put them there. The text never holds a part of the key. */
export class CertificateError extends Error {
  override name = 'CertificateError'
  constructor(
    /** Which of the two files. */
    readonly file: 'certFile' | 'keyFile',
    readonly en: string,
    readonly zh: string,
  ) {
    super(`${en} ${zh}`)
  }
}

/** Shorter RSA keys can be broken, and TLS libraries refuse them. */
const leastRsaBits = 2048

/**
 * The certificate that can be served. One that has expired is served all the same: its callers refuse it, and a hub
 * that does not start would shut its other doors too.
 * @throws CertificateError when a file cannot be read, is no PEM, or certificate and key do not belong together
 */
export function readCertificate({ certFile, keyFile, passphrase }: CertificateFiles): Certificate {
  const cert = bytesOf('certFile', certFile)
  const key = bytesOf('keyFile', keyFile)
  const x509 = parsed(cert)
  const secret = secretOf(key, passphrase)
  if (!x509.checkPrivateKey(secret))
    throw new CertificateError('keyFile', 'the key is not the one of the certificate', '私钥与证书不匹配')
  const bits = x509.publicKey.asymmetricKeyDetails?.modulusLength
  if (x509.publicKey.asymmetricKeyType === 'rsa' && bits !== undefined && bits < leastRsaBits)
    throw new CertificateError(
      'certFile',
      `its RSA key has ${bits} bits; at least ${leastRsaBits} are needed`,
      `RSA 密钥为 ${bits} 位，至少需要 ${leastRsaBits} 位`,
    )
  return { cert, key, ...(passphrase === undefined ? {} : { passphrase }), facts: factsOf(x509) }
}

/** Whole days until it ends; below zero once it has ended. */
export function daysLeft({ validTo }: Pick<CertificateFacts, 'validTo'>, now = Date.now()): number {
  return Math.floor((validTo.getTime() - now) / 86_400_000)
}

/** Reads what a certificate says of itself; names of several parts stand on one line. */
export function factsOf(x509: X509Certificate): CertificateFacts {
  return {
    subject: oneLine(x509.subject),
    issuer: oneLine(x509.issuer),
    names: x509.subjectAltName ?? '',
    validFrom: new Date(x509.validFrom),
    validTo: new Date(x509.validTo),
    fingerprint: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
  }
}

const oneLine = (name: string | undefined) => (name ?? '').split('\n').join(', ')

function bytesOf(which: 'certFile' | 'keyFile', file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    const missing = (error as { code?: string }).code === 'ENOENT'
    throw missing
      ? new CertificateError(which, `${file}: there is no such file`, '没有这个文件')
      : new CertificateError(which, `${file}: the file cannot be read by this user`, '当前用户无法读取该文件')
  }
}

function parsed(cert: Buffer): X509Certificate {
  try {
    return new X509Certificate(cert)
  } catch {
    throw new CertificateError('certFile', 'this is no certificate in PEM form', '不是 PEM 格式的证书')
  }
}

function secretOf(key: Buffer, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) })
  } catch {
    throw new CertificateError(
      'keyFile',
      'this is no private key in PEM form, or its passphrase is wrong or missing (tls.passphraseEnv)',
      '不是 PEM 格式的私钥，或私钥口令缺失、错误（tls.passphraseEnv）',
    )
  }
}
