// signer-view — a key that signs for customs, as operators see it: at the door, on the command line.
import { Type, type Static } from 'typebox'

/** A key that signs for customs, as it is shown. */
export const SignerView = Type.Object(
  {
    name: Type.String({ description: 'As hub.yaml calls it' }),
    key: Type.Enum(['file', 'command', 'agent'], { description: 'Where its key is' }),
    algorithm: Type.Enum(['rsa', 'sm2'], { description: 'RSA with SHA-256, or SM2 with SM3' }),
    certificate: Type.Object(
      {
        number: Type.String({ description: 'Serial number, hexadecimal' }),
        subject: Type.String({ description: 'Whose it is', examples: ['CN=测试'] }),
        notAfter: Type.String({
          format: 'date-time',
          description: 'When it ends',
          examples: ['2027-11-28T12:00:00.000Z'],
        }),
        daysLeft: Type.Integer({ description: 'Days until then' }),
      },
      { description: 'Its certificate' },
    ),
    up: Type.Boolean({ description: 'It signed at the last request' }),
    since: Type.String({ format: 'date-time', description: 'Since when', examples: ['2026-11-28T12:07:52.310Z'] }),
    why: Type.Optional(Type.String({ description: 'Why it is not available' })),
    signed: Type.Integer({ description: 'Messages signed since the hub started' }),
    waiting: Type.Integer({ description: 'Messages that wait for it' }),
    agentSeenAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'Last request of an agent',
        examples: ['2026-11-28T12:07:52.310Z'],
      }),
    ),
  },
  { title: 'Signer', description: 'A key that signs declarations 加签' },
)
export type SignerView = Static<typeof SignerView>
