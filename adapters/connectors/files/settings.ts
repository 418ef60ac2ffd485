// settings — what every connector that works by files is told, and the parts a file connector is made of.
import { Type, type Static } from 'typebox'
import type { ConnectorGiven } from '../kind.js'
import type { FileConnectorParts } from './file-connector.js'

/** The settings of every connector that deals in files, to be spread into the Settings of a kind. */
export const fileSettings = {
  prefix: Type.String({
    default: '',
    pattern: '^[A-Za-z0-9-]{0,40}_?$',
    description: 'Before the name of every file of ours, for example `HUB1_`',
    zh: '本系统所放文件的文件名前缀',
  }),
  pollSeconds: Type.Number({
    default: 2,
    minimum: 0.05,
    description: 'Seconds between two looks for answers',
    zh: '查找回执的间隔（秒）',
  }),
  settleSeconds: Type.Number({
    default: 1,
    minimum: 0,
    description:
      'An answer unchanged for this many seconds is whole. XML that ends in the middle is waited for ten minutes',
    zh: '文件多少秒不变即视为完整',
  }),
  stuckMinutes: Type.Number({
    default: 10,
    exclusiveMinimum: 0,
    description:
      'A file of ours not fetched for this many minutes: the other side hangs. The log and `/metrics` say so, and ' +
      'nothing more is handed over until it fetches again',
    zh: '文件多少分钟无人取走即视为对方停止',
  }),
}

type FileSettings = { [Name in keyof typeof fileSettings]: Static<(typeof fileSettings)[Name]> }

/** What the settings and the hub say together. */
export function fileParts(
  { prefix, pollSeconds, settleSeconds, stuckMinutes }: FileSettings,
  { temporaryEndings, deadlineMs, log, memory, found, filesNamed, refused, alone }: ConnectorGiven,
): FileConnectorParts {
  return {
    prefix,
    temporaryEndings,
    deadlineMs,
    log,
    memory,
    found,
    filesNamed,
    refused,
    alone,
    stuckMs: stuckMinutes * 60_000,
    everyMs: pollSeconds * 1000,
    limits: { settleMs: settleSeconds * 1000 },
  }
}
