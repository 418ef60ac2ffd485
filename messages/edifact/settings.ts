// settings — how a partner's EDIFACT is to be read, where it is not what its envelope says.
import { Type, type Static } from 'typebox'
import { charsetNamed, type CharsetName } from './charset.js'
import type { CodeSettings } from './code-check.js'

/** The setting as the operator writes it. */
export const EdifactSetting = Type.Object(
  {
    charset: Type.Optional(
      Type.Enum(
        [
          'gbk',
          'gb2312',
          'gb18030',
          'utf-8',
          'big5',
          'ascii',
          'windows-1252',
          'iso-8859-1',
          'iso-8859-2',
          'iso-8859-5',
          'iso-8859-7',
          'iso-8859-15',
        ],
        {
          description: 'What the bytes of its EDIFACT are, whatever UNB calls them: `gbk` for Chinese sent as UNOA',
          zh: 'EDIFACT 的字符集',
        },
      ),
    ),
    codes: Type.Optional(
      Type.Object(
        {
          level: Type.Optional(Type.Enum(['binding', 'strict', 'off'])),
          agreed: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String()))),
        },
        {
          additionalProperties: false,
          description:
            'How strictly codes are looked at (`level`: `binding`, `strict`, `off`), and codes agreed on ' +
            'beyond the directories (`agreed`)',
          zh: '代码校验的严格程度与约定代码',
        },
      ),
    ),
    releases: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'Releases read by the tables of a neighbour: `{ D95A: D95B }`',
        zh: '以相近版本代替的目录版本',
      }),
    ),
  },
  { additionalProperties: false },
)
export type EdifactSetting = Static<typeof EdifactSetting>

/** The setting as the reader takes it. */
export interface EdifactSettings {
  charset?: CharsetName
  codes?: CodeSettings
  releases?: Readonly<Record<string, string>>
}

/** What is absent is as the envelope of each interchange says. */
export function edifactSettings({ charset, codes, releases }: EdifactSetting = {}): EdifactSettings {
  const named = charset === undefined ? undefined : charsetNamed(charset)
  return {
    ...(named === undefined ? {} : { charset: named }),
    ...(codes === undefined
      ? {}
      : {
          codes: {
            ...(codes.level === undefined ? {} : { level: codes.level }),
            ...(codes.agreed === undefined ? {} : { agreed: codes.agreed }),
          },
        }),
    ...(releases === undefined ? {} : { releases }),
  }
}
