// target — how one agency takes EDIFACT: the operator's setting, and what it comes to for one message.
import { Type, type Static } from 'typebox'
import type { Facts } from '../condition.js'
import type { CharsetName } from './charset.js'
import { charsetNamed } from './charset.js'
import { EdifactSetting } from './settings.js'
import { createPen, unb, UnwritableError, type InterchangeHeader, type WriteOptions } from './writer.js'

const Address = Type.String({
  pattern: '^[^:]{1,35}(:[^:]{1,4}(:[^:]{1,14})?)?$',
  description: 'As in UNB: identification, qualifier, routing address, with colons between',
})

/** `agencies.<code>.edifact`: the agency is sent EDIFACT where a mapping makes it of the document. */
export const EdifactTaking = Type.Object(
  {
    /** Who sends, and who receives, in UNB. */
    sender: Address,
    recipient: Address,
    /** Syntax identifier and version. Default UTF-8 under version 4: nothing is outside of it. */
    syntax: Type.Optional(Type.String({ pattern: '^(UNO[A-LWY]):[1-4]$', description: 'UNOA:3, UNOW:4 …' })),
    /** What the bytes are, where the agency reads something else under that identifier: `gbk` under UNOA. */
    charset: Type.Optional(EdifactSetting.properties.charset),
    /** Only these documents. Default: every one a mapping makes EDIFACT of; others go as they are. */
    documents: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    /** UNB 0026, 0032. */
    application: Type.Optional(Type.String({ minLength: 1, maxLength: 14 })),
    agreement: Type.Optional(Type.String({ minLength: 1, maxLength: 35 })),
    /** UNB 0031: a CONTRL is asked for. Default true. */
    acknowledge: Type.Optional(Type.Boolean()),
    /** UNB 0035. */
    test: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)
export type EdifactTaking = Static<typeof EdifactTaking>

/** What one message for an agency is made of, and its number. */
interface ForAgency {
  document: string
  facts: Facts
  /**
   * At most 14 characters: the number of the interchange and of its message, by which the agency's answers cite it.
   */
  reference: string
  preparedAt: Date
}

/** One message for one agency. */
export interface EdifactTarget extends Omit<InterchangeHeader, 'preparedAt'> {
  /** The document it is made of, and its facts: which mapping. */
  document: string
  facts: Facts
  /** ISO 8601. Whole for the thread that makes it. */
  preparedAt: string
  charset?: CharsetName
}

/** With the addresses and the syntax that the agency takes. */
export function edifactTarget(
  taking: EdifactTaking,
  { document, facts, reference, preparedAt }: ForAgency,
): EdifactTarget {
  const [syntaxIdentifier = '', version = ''] = (taking.syntax ?? 'UNOW:4').split(':')
  const charset = taking.charset === undefined ? undefined : charsetNamed(taking.charset)
  return {
    document,
    facts,
    reference,
    syntaxIdentifier,
    syntaxVersion: Number(version),
    preparedAt: preparedAt.toISOString(),
    sender: partyOf(taking.sender),
    recipient: partyOf(taking.recipient),
    acknowledge: taking.acknowledge ?? true,
    ...(charset === undefined ? {} : { charset }),
    ...(taking.application === undefined ? {} : { applicationReference: taking.application }),
    ...(taking.agreement === undefined ? {} : { agreement: taking.agreement }),
    ...(taking.test ? { test: true } : {}),
  }
}

function partyOf(address: string): InterchangeHeader['sender'] {
  const [id = '', qualifier, routing] = address.split(':')
  return { id, ...(qualifier === undefined ? {} : { qualifier }), ...(routing === undefined ? {} : { routing }) }
}

/** UNOA and UNOB keep to their capitals unless another character set was agreed on. */
export const mayWriteAs = ({ charset }: Pick<EdifactTarget, 'charset'>): WriteOptions =>
  charset === undefined ? {} : { charset }

/** What is wrong with a setting that no single rule sees: its UNB cannot be written in its character set. */
export function unwritableAddress(taking: EdifactTaking): string[] {
  const target = edifactTarget(taking, { document: '', facts: {}, reference: '1', preparedAt: new Date(0) })
  try {
    createPen(target.syntaxIdentifier, target.syntaxVersion, mayWriteAs(target)).segment(
      unb({ ...target, preparedAt: new Date(0) }),
    )
    return []
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error
    return [`: ${error.message} (${target.syntaxIdentifier})`]
  }
}
