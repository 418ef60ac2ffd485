// life — the course of a filing at its authority, as a form says it: each step with what its answer brings.
import { functionCodes } from '../function-codes.js'
import type { LifeCycleStep } from '../node.js'
import { readFields } from './fields.js'
import type { Library } from './library.js'
import { isMap, type Tell } from './written.js'

const statuses = ['submitted', 'processing', 'approved', 'rejected', 'released', 'failed']

/** Reads one step of a form's life cycle. */
export function readStage(said: unknown, at: (string | number)[], library: Library, tell: Tell): LifeCycleStep {
  const stage = isMap(said) ? said : {}
  const { zh, en, status } = stage as { zh?: string; en?: string; status?: string }
  if (!zh || !en) tell(at, 'a step of life has zh and en')
  if (!statuses.includes(status ?? '')) tell(at, `status is one of ${statuses.join(', ')}`)
  for (const key of Object.keys(stage))
    if (!['zh', 'en', 'status', 'code', 'on', 'brings', 'own', 'note'].includes(key))
      tell([...at, key], `there is no ${key} in a step of life`)
  const code =
    typeof stage.code === 'string'
      ? stage.code
      : (en ?? '')
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, '-')
          .replace(/^-|-$/g, '')
          .slice(0, 40)
  return {
    code,
    zh: zh ?? '',
    en: en ?? '',
    status: status ?? '',
    ...(Array.isArray(stage.on) ? { on: stage.on.map((one) => functionCodes[String(one)] ?? String(one)) } : {}),
    brings: isMap(stage.brings) ? readFields(stage.brings, { at: [...at, 'brings'], library, tell }) : [],
  }
}
