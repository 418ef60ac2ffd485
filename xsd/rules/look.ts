// look — a rule at work: how it finds its way in an entry and says what breaks it.
import type { ErrorCode } from '../../messages/errors.js'
import type { CompiledPath, Gap } from '../compiled-path.js'
import type { Mark } from '../scan.js'
import type { Kind, Rule } from './rule.js'

/**
 * Makes a path (`DecLists/DecList/GNo`) ready to be followed through documents.
 * @param below a path it starts at, instead of at the entry
 */
export type CompilePath = (path: string, below?: string) => CompiledPath

/** Says what is wrong: the code, where (or where something is missing), and what its sentence names. */
export type ReportFault = (code: ErrorCode, at: Mark | Gap, values?: Record<string, string | number>) => void
/** One rule at work: looks at an entry and reports what breaks it. */
export type RuleAtWork = (entry: Mark, report: ReportFault) => void
/** Of each of these kinds: makes a rule of what is written of it. */
export type Makers<K extends Kind> = { [One in K]: (shape: NonNullable<Rule[One]>, pathTo: CompilePath) => RuleAtWork }

/** One path or several, as a list. */
export const list = (paths: string | string[]) => (Array.isArray(paths) ? paths : [paths])
/** The text of the first occurrence of a path; empty where there is none. */
export const text = (compiled: CompiledPath, entry: Mark) => compiled.first(entry)?.text ?? ''
/** All there are but the blank ones. */
export const filled = (compiled: CompiledPath, entry: Mark) => compiled.each(entry).filter((m) => !m.blank)
