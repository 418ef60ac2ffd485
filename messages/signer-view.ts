// signer-view — a key that signs for customs, as operators see it: at the door, on the command line.
import { Type, type Static } from 'typebox'

export const SignerView = Type.Object({
  name: Type.String({ description: 'As hub.yaml calls it' }),
  key: Type.Enum(['file', 'command', 'agent'], { description: 'Where its key is' }),
  algorithm: Type.Enum(['rsa', 'sm2'], { description: 'RSA with SHA-256, or SM2 with SM3' }),
  certificate: Type.Object({
    number: Type.String({ description: 'Serial number, hexadecimal' }),
    subject: Type.String(),
    notAfter: Type.String({ format: 'date-time' }),
    daysLeft: Type.Integer(),
  }),
  up: Type.Boolean({ description: 'It signed when it was last asked' }),
  since: Type.String({ format: 'date-time' }),
  why: Type.Optional(Type.String({ description: 'Why it is away' })),
  signed: Type.Integer({ description: 'Messages signed since the hub started' }),
  waiting: Type.Integer({ description: 'Messages that wait for it' }),
  agentSeenAt: Type.Optional(Type.String({ format: 'date-time', description: 'When an agent last asked for work' })),
})
export type SignerView = Static<typeof SignerView>
