// fault — one thing wrong with one message, said so that its sender can mend it.
import { Type, type Static } from 'typebox'
import { Bilingual } from './text.js'

export const Fault = Type.Object(
  {
    code: Type.String({ description: 'A HUB_… code from docs/errors.md' }),
    path: Type.Optional(Type.String({ description: 'Where: /Root/Child[2]/Leaf, namespace prefixes left out' })),
    line: Type.Optional(Type.Integer({ minimum: 1, description: 'Line in the bytes as received, from 1' })),
    column: Type.Optional(Type.Integer({ minimum: 1 })),
    rule: Type.Optional(Type.String({ description: 'The rule broken, e.g. maxLength=36, required, enumeration=I|E' })),
    value: Type.Optional(Type.String({ description: 'The offending value, at most 200 characters of it' })),
    level: Type.Optional(
      Type.Literal('warn', {
        description: 'Something to look at; the message was taken. Absent: it was refused for this',
      }),
    ),
    text: Bilingual,
    remedy: Type.Optional(Bilingual),
  },
  { description: 'One fault of one message' },
)
export type Fault = Static<typeof Fault>

/** Something to look at; nothing is refused for it. */
export const isWarning = ({ level }: Fault): boolean => level === 'warn'
