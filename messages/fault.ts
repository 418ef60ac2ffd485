// fault — one thing wrong with one message, said so that its sender can mend it.
import { Type, type Static } from 'typebox'
import { Bilingual } from './text.js'

/** One thing wrong with one message. */
export const Fault = Type.Object(
  {
    code: Type.String({ description: 'A HUB_… code from docs/errors.md', examples: ['HUB_XSD_ENUMERATION'] }),
    path: Type.Optional(Type.String({ description: 'Where: /Root/Child[2]/Leaf, namespace prefixes left out' })),
    line: Type.Optional(Type.Integer({ minimum: 1, description: 'Line in the bytes as received, from 1' })),
    column: Type.Optional(Type.Integer({ minimum: 1, description: 'Column in that line, from 1' })),
    rule: Type.Optional(Type.String({ description: 'The broken rule, e.g. maxLength=36, required, enumeration=I|E' })),
    value: Type.Optional(Type.String({ description: 'The offending value, at most 200 characters of it' })),
    level: Type.Optional(
      Type.Literal('warn', {
        description: '`warn`: the message was accepted, but check this. Absent: the message was refused because of it',
      }),
    ),
    text: Bilingual,
    remedy: Type.Optional(Bilingual),
  },
  {
    title: 'Fault',
    description: 'One fault of one message',
    examples: [
      {
        code: 'HUB_XSD_ENUMERATION',
        path: '/CEB311Message/Order/OrderHead/appType',
        line: 7,
        rule: 'enumeration=1|2|3',
        value: '9',
        text: { zh: '值不在允许范围内。', en: 'Not one of the values that are allowed.' },
      },
    ],
  },
)
export type Fault = Static<typeof Fault>

/** Something to look at; nothing is refused for it. */
export const isWarning = ({ level }: Fault): boolean => level === 'warn'
