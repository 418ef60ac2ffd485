// Known faults of the packages that the hub ships with: fails on a high or a critical one. Where the registry does not
// answer, or answers no audits, that is said and nothing fails: a network that is away is no fault of a package.
import { spawnSync } from 'node:child_process'

const args = ['audit', '--omit=dev', '--json']
const { stdout } = spawnSync('npm', args, { encoding: 'utf8', timeout: 60_000, maxBuffer: 64 * 1024 * 1024 })

function reported() {
  try {
    return JSON.parse(stdout ?? '')
  } catch {
    return {}
  }
}

const { vulnerabilities, metadata } = reported()
if (metadata?.vulnerabilities === undefined) console.log('not audited: the registry gave no report')
else {
  const { low = 0, moderate = 0, high = 0, critical = 0 } = metadata.vulnerabilities
  console.log(`${critical} critical, ${high} high, ${moderate} moderate, ${low} low`)
  for (const { name, severity, range } of Object.values(vulnerabilities ?? {}))
    if (severity === 'high' || severity === 'critical') console.log(`${severity}: ${name} ${range}`)
  if (high + critical > 0) process.exitCode = 1
}
