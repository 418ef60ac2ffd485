// compile — a step of the build: checks the routing data and keeps a parsed copy beside the build, so that a hub starts
// without parsing.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadRouting, RoutingDataError } from './load.js'

const dist = join(dirname(fileURLToPath(import.meta.url)), '..')
try {
  loadRouting(
    { routing: join(dist, '../routing'), families: join(dist, '../xsd/families') },
    join(dist, 'routing.json'),
  )
} catch (error) {
  if (!(error instanceof RoutingDataError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
