// run — bundles the simulation from its sources and runs it, so that what is simulated is what stands there now.
import { fileURLToPath, pathToFileURL } from 'node:url'
import { dirname, join } from 'node:path'
import { rolldown } from 'rolldown'

const here = dirname(fileURLToPath(import.meta.url))
const file = join(here, '../../dist/seeds/main.js')
const bundle = await rolldown({
  input: join(here, 'main.ts'),
  external: /^[^./]/,
  platform: 'node',
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  logLevel: 'warn',
})
await bundle.write({ file, format: 'esm', sourcemap: true })
await bundle.close()
await import(pathToFileURL(file).href)
