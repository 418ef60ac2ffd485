// signature-file — the hub's signature over a file of receipts is a file beside it, `<name>.jws`; it is there first, so
// that whoever sees the receipt finds it.
import type { SignBytes } from '../../messages/sign-bytes.js'

interface NamedFile {
  name: string
  bytes: Buffer
}

/** The file, behind its signature; alone where the hub does not sign. */
export async function withSignature(
  { name, bytes }: NamedFile,
  sign: SignBytes | undefined,
  as: Parameters<SignBytes>[1] = 'receipt',
): Promise<NamedFile[]> {
  if (!sign) return [{ name, bytes }]
  return [
    { name: `${name}.jws`, bytes: Buffer.from(`${await sign(bytes, as)}\n`) },
    { name, bytes },
  ]
}
