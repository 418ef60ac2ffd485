// partner-server — a partner with an SFTP server of its own, a real OpenSSH one, which the hub looks at.
import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openSsh } from './openssh.js'
import { tempDir } from './temp.js'

const boxes = ['OutBox', 'SentBox', 'InBox', 'FailBox'] as const

/** A partner with a server of its own, the hub's partner `port` that may send manifests. */
export async function partnerServer() {
  const [server, home] = [await openSsh(), await tempDir('partner')]
  for (const box of boxes) await mkdir(join(home, box))
  const { port, user: username, keyFile, hostKey } = server
  const partner = {
    partnerId: 'port',
    name: '测试港口有限公司',
    settings: {
      rights: ['2'],
      poll: { host: '127.0.0.1', port, username, keyFile, hostKey, directory: home, everySeconds: 1 },
    },
  }
  return {
    partner,
    /** The folder with its key is one that partners' settings may name. */
    partnerSecrets: { folder: dirname(keyFile) },
    in: (box: (typeof boxes)[number]) => readdir(join(home, box)),
    at: (box: (typeof boxes)[number], name: string) => join(home, box, name),
  }
}
