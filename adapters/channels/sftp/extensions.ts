// extensions — what this server can do beyond the draft, said in its first packet: clients that look there before they
// ask would not ask.
import type { SFTPWrapper } from 'ssh2'

/** Name → version, as OpenSSH writes them (OpenSSH PROTOCOL, section 4). Each of them is answered in session.ts. */
export const extensions: Readonly<Record<string, string>> = {
  'posix-rename@openssh.com': '1',
  'fsync@openssh.com': '1',
}

/** ssh2's own VERSION packet: no extensions. */
const bareLength = 9

interface Insides {
  _protocol: { channelData(id: number, payload: Buffer): void; exitStatus(id: number, status: number): void }
  outgoing: { id: number; window: number; state: string }
}

/**
 * Puts the extensions into the VERSION packet, the first the server sends; ssh2 has no setting for them. Call it before
 * a byte is read.
 */
export function announceExtensions(sftp: SFTPWrapper): void {
  const insides = sftp as unknown as Insides
  const protocol = insides._protocol
  const longer = versionPacket()
  insides._protocol = new Proxy(protocol, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (name !== 'channelData') return value.bind(target) as unknown
      return (id: number, payload: Buffer) => {
        insides._protocol = protocol
        const more = longer.length - payload.length
        const fits = payload.length === bareLength && insides.outgoing.window >= more
        if (fits) insides.outgoing.window -= more
        protocol.channelData(id, fits ? longer : payload)
      }
    },
  })
}

/** SSH_FXP_VERSION, version 3, then name and data of each extension (draft-ietf-secsh-filexfer-02, section 4). */
function versionPacket(): Buffer {
  const strings = Object.entries(extensions)
    .flat()
    .map((text) => {
      const bytes = Buffer.from(text)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return Buffer.concat([length, bytes])
    })
  const body = Buffer.concat([Buffer.from([2, 0, 0, 0, 3]), ...strings])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}

/**
 * Ends a channel as sftp-server does: with exit status 0. Without one OpenSSH's scp and `ssh -s` report failure after a
 * good transfer.
 */
export function endChannel(sftp: SFTPWrapper): void {
  const { _protocol, outgoing } = sftp as unknown as Insides
  if (outgoing.state === 'open' || outgoing.state === 'eof') _protocol.exitStatus(outgoing.id, 0)
  sftp.end()
}
