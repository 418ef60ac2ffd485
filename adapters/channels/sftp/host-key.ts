// host-key — the door's identity: made once, kept for ever, since every partner pins it.
import { readFile, link, rm, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { ssh2 } from '../../ssh/library.js'

/**
 * The private keys to serve: the ed25519 key in `file` (OpenSSH form, mode 0600, made when absent) and, when the
 * operator has put one beside it, `<file>.rsa`, which old clients such as JSch 0.1 need.
 */
export async function hostKeys(file: string): Promise<Buffer[]> {
  const first = (await readIfThere(file)) ?? (await make(file))
  const rsa = await readIfThere(`${file}.rsa`)
  return rsa ? [first, rsa] : [first]
}

async function make(file: string): Promise<Buffer> {
  const pair = soundKeyPair('singlewindow-hub')
  const temporary = `${file}.${randomBytes(6).toString('hex')}`
  await writeFile(temporary, pair.private, { mode: 0o600, flag: 'wx', flush: true })
  try {
    // link, not rename: of two hubs that start together, the second keeps the key of the first.
    await link(temporary, file)
    await writeFile(`${file}.pub`, `${pair.public}\n`, { mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(temporary, { force: true })
  }
  return readFile(file)
}

/**
 * A new ed25519 key pair in OpenSSH form that has been read back and has signed something. ssh2 1.17 now and then
 * writes a private key that it cannot read itself; a door with such a key would never open again.
 */
export function soundKeyPair(comment: string): { private: string; public: string } {
  for (let attempt = 0; attempt < 100; attempt++) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment })
    const [privateKey, publicKey] = [ssh2.utils.parseKey(pair.private), ssh2.utils.parseKey(pair.public)]
    if (privateKey instanceof Error || publicKey instanceof Error) continue
    const probe = Buffer.from('probe')
    if (publicKey.verify(probe, privateKey.sign(probe)) === true) return pair
  }
  throw new Error('no usable host key could be made')
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}
