// Alerts and dashboards ask for metrics that exist, and every alert tells the person who is woken what to do.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { root } from '../support/hub.js'

interface Rule {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string; summary_zh: string }
}

const rules = (
  parse(readFileSync(join(root, 'monitoring/alerts.yaml'), 'utf8')) as { groups: { rules: Rule[] }[] }
).groups.flatMap((group) => group.rules)
const dashboard = readFileSync(join(root, 'monitoring/grafana/hub.json'), 'utf8')
const source = ['metrics.ts', ...readdirSync(join(root, 'monitoring/metrics')).map((file) => `metrics/${file}`)]
  .map((file) => readFileSync(join(root, 'monitoring', file), 'utf8'))
  .join('\n')
const known = new Set([...source.matchAll(/'(hub_[a-z_]+)'/g)].map((m) => m[1]!))
const asked = (text: string) => [
  ...new Set([...text.matchAll(/\b(hub_[a-z_]+)/g)].map((m) => m[1]!.replace(/_(bucket|sum|count)$/, ''))),
]

test('every metric an alert or a panel asks for is one the hub gives', () => {
  expect(known.size).toBeGreaterThan(15)
  for (const rule of rules)
    for (const name of asked(rule.expr)) expect(known.has(name), `${rule.alert} asks for ${name}`).toBe(true)
  const panels = (JSON.parse(dashboard) as { panels: { title: string; targets: { expr: string }[] }[] }).panels
  expect(panels.length).toBeGreaterThan(10)
  for (const panel of panels)
    for (const { expr } of panel.targets)
      for (const name of asked(expr)) expect(known.has(name), `${panel.title} asks for ${name}`).toBe(true)
})

test('every alert is explained in the runbook, and the runbook explains no other', () => {
  const page = readFileSync(join(root, 'docs/operations.md'), 'utf8')
  const explained = [...page.matchAll(/^\| `([A-Z]\w+)` \|/gm)].map((m) => m[1]!)
  expect([...new Set(explained)].sort()).toEqual(rules.map((r) => r.alert).sort())
  for (const { annotations, labels } of rules) {
    expect(annotations.summary).toMatch(/[a-z]/)
    expect(annotations.summary_zh).toMatch(/[\u4e00-\u9fff]/)
    expect(['page', 'ticket']).toContain(labels.severity)
  }
})

/** Prometheus's own checker, where there is one: `.ci/run` fetches it. */
const promtool = [process.env.PROMTOOL ?? '', '/usr/bin/promtool', '/usr/local/bin/promtool'].find(
  (path) => path !== '' && existsSync(path),
)

test.skipIf(promtool === undefined)('each alert wakes whom it should, when it should, as Prometheus reckons', () => {
  const say = (...args: string[]) => execFileSync(promtool!, args, { encoding: 'utf8', cwd: join(root, 'monitoring') })
  expect(say('check', 'rules', 'alerts.yaml')).toContain('SUCCESS')
  expect(say('test', 'rules', 'alerts-test.yaml')).toContain('SUCCESS')
})

test('the examples for Prometheus speak of alerts that exist', () => {
  const told = parse(readFileSync(join(root, 'monitoring/alerts-test.yaml'), 'utf8')) as {
    tests: { alert_rule_test: { alertname: string }[] }[]
  }
  const names = new Set(rules.map(({ alert }) => alert))
  expect(
    told.tests
      .flatMap(({ alert_rule_test: cases }) => cases.map(({ alertname }) => alertname))
      .filter((name) => !names.has(name)),
  ).toEqual([])
})
