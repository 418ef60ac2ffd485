// reveal — values that name persons are hidden from operators; who must see them says why, and the audit keeps it.
import type { Command } from 'commander'
import { CliError } from './client.js'

/** Options of every command that shows what partners wrote. */
export interface Reveal {
  reveal?: boolean
  reason?: string
}

/** Adds `--reveal` and `--reason` to a command. */
export const revealing = (command: Command): Command =>
  command
    .option('--reveal', 'show values that name persons 显示个人信息 (role operator; needs HUB_OPS_KEY and --reason)')
    .option('--reason <why>', 'the reason, kept in the audit')

/** The path of a call that reveals, where that is asked for. @throws CliError without a reason */
export function withReveal(path: string, { reveal, reason }: Reveal): string {
  if (reveal !== true) return path
  if (!reason?.trim())
    throw new CliError('--reveal needs --reason <why>: it is kept in the audit. 请用 --reason 填写原因。')
  const query = new URLSearchParams({ reveal: 'true', reason })
  return `${path}${path.includes('?') ? '&' : '?'}${query}`
}
