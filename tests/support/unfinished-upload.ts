// unfinished-upload — begins to write a file over SFTP and then loses the connection, as a client that dies would.
import { readFile } from 'node:fs/promises'
import { Client } from 'ssh2'
import type { RunningHub } from './hub.js'

export async function unfinishedUpload(hub: RunningHub, name: string, bytes: Buffer): Promise<void> {
  const privateKey = await readFile(hub.env.HUB_SFTP_KEYFILE!)
  const client = new Client()
  await new Promise<void>((resolve, reject) => {
    client
      .on('error', reject)
      .on('ready', () =>
        client.sftp((error, sftp) => {
          if (error) return reject(error)
          sftp.open(`OutBox/${name}`, 'w', (failed, handle) => {
            if (failed) return reject(failed)
            sftp.write(handle, bytes, 0, bytes.length, 0, (lost) => (lost ? reject(lost) : resolve()))
          })
        }),
      )
      .connect({
        host: hub.env.HUB_SFTP_HOST!,
        port: Number(hub.env.HUB_SFTP_PORT),
        username: hub.env.HUB_SFTP_USER!,
        privateKey,
      })
  })
  await new Promise<void>((resolve) => client.on('close', () => resolve()).destroy())
}
