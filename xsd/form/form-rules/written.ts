// written — a form's rule as its author writes it, in YAML.

/** Conditions, one or several things that then hold, and what people read. Other names are kinds of rule. */
export interface WrittenRule {
  zh: string
  en: string
  id?: string
  level?: string
  if?: unknown
  unless?: unknown
  [kind: string]: unknown
}

/** Hears what is wrong with a rule, a sentence each. */
export type Say = (sentence: string) => void

/** A rule as it is written; its keys are not checked yet. */
export type Written = Record<string, unknown>

/** Whether a value of the YAML is a table, and no list. */
export const isWritten = (value: unknown): value is Written =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Several may be written as a list, one without. */
export const list = <T>(one: T | T[]): T[] => (Array.isArray(one) ? one : [one])
