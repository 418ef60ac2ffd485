// judge-tree — the rules of a form asked of a message that is being made.
import type { Fault } from '../../messages/fault.js'
import { compileRules } from '../rules/compile.js'
import type { Rule } from '../rules/rule.js'
import { ScanShape, scan } from '../scan.js'
import { toXml, type Element } from './tree.js'
import type { Form } from './node.js'

/** @returns faults that refuse; with `warnings` also those that only warn */
export function createTreeJudge(form: Form, rules: readonly Rule[]): (root: Element, warnings?: boolean) => Fault[] {
  const shape = new ScanShape(form.document, 0)
  const judge = compileRules(rules, shape)
  return (root, warnings = false) =>
    judge(scan(Buffer.from(toXml(root, form.namespace)), shape), 200).filter(
      (one) => one.code !== 'HUB_RULE_KNOWN' && (warnings || one.level !== 'warn'),
    )
}
