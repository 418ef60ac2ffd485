// bundle — a step of the build: what processes and threads start from, each in a few files with the packages it uses.
// Node finds, opens, compiles and links every file by itself: a thousand of them took more than half of a start, in
// each process and again in each thread.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const out = join(root, 'dist/bundle')

/** What is started becomes `dist/bundle/<name>.js`. */
const entries = {
  hub: 'hub/cli/program.ts',
  simulator: 'adapters/simulator/main.ts',
  'simulated-client': 'adapters/simulator/client/main.ts',
  'ledger-thread': 'store/sqlite/ledger-thread.ts',
  'pack-thread': 'store/pack-thread.ts',
  'check-thread': 'xsd/worker.ts',
  'reply-thread': 'hub/agencies/reply-thread.ts',
  'listing-thread': 'hub/doors/listing-thread.ts',
  'signature-thread': 'hub/trust/signature-thread.ts',
}

/** Packages that look for files beside themselves, or hold compiled code, stay where they are. */
const stays =
  /^(piscina|libxml2-wasm|better-sqlite3|better-sqlite3-node20|pg-native|ssh2|cpu-features|msgpackr|msgpackr-extract|pdfkit)(\/|$)/

const nameOf = new Map(Object.entries(entries).map(([name, file]) => [join(root, file), name]))

/**
 * All files of a bundle lie in one folder. To the code, `import.meta.url` is what it was in dist, and a thread's file
 * is that of the bundle.
 */
function placed(code, id) {
  const here = relative(out, join(root, 'dist', relative(root, id).replace(/\.ts$/, '.js')))
  return code.replace(/new URL\('(\.\.?\/[^']+)\.js', import\.meta\.url\)|import\.meta\.url/g, (_, thread) => {
    const name = thread === undefined ? undefined : nameOf.get(resolve(dirname(id), `${thread}.ts`))
    if (name !== undefined) return `new URL('./${name}.js', import.meta.url)`
    return thread === undefined
      ? `new URL('${here}', import.meta.url).href`
      : `new URL('${thread}.js', new URL('${here}', import.meta.url))`
  })
}

/** It says where its pages are by a word that modules do not have. */
function besideSwaggerUi(id) {
  const [name, inside] = ['@fastify/swagger-ui', dirname(id).split('@fastify/swagger-ui')[1]]
  return `require('node:path').join(require.resolve('${name}/package.json'), '..${inside}')`
}

const bundle = await rolldown({
  input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(root, file)])),
  external: stays,
  platform: 'node',
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  plugins: [
    {
      name: 'places',
      transform: {
        filter: { id: /\.ts$/, code: 'import.meta.url' },
        // No line moves, so the source maps stay right.
        handler: (code, id) => ({ code: placed(code, id), map: null }),
      },
    },
    {
      name: 'pages-of-swagger-ui',
      transform: {
        filter: { id: /node_modules\/@fastify\/swagger-ui\//, code: '__dirname' },
        handler: (code, id) => ({ code: code.replaceAll('__dirname', besideSwaggerUi(id)), map: null }),
      },
    },
  ],
  // A package's own evaluation of text is its affair.
  checks: { eval: false },
  logLevel: 'warn',
})
const written = await bundle.write({
  dir: out,
  format: 'esm',
  sourcemap: true,
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
})
await bundle.close()

// What was checked is checked again by what was built now.
rmSync(join(root, 'dist/sound-packs.json'), { force: true })
// What Node has compiled (hub/cli/main.ts) is of the files that were.
rmSync(join(root, 'dist/compiled'), { force: true, recursive: true })

// Parts of earlier builds go, but for those of the two before: a hub that runs still loads some of those it was started
// with.
const keptBuilds = 3
const list = join(out, 'builds.json')
const earlier = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []
const builds = [written.output.flatMap(filesOf), ...earlier].slice(0, keptBuilds)
writeFileSync(list, JSON.stringify(builds))
const kept = new Set(['builds.json', ...builds.flat()])
for (const file of readdirSync(out)) if (!kept.has(file)) rmSync(join(out, file), { force: true, recursive: true })

function filesOf({ fileName }) {
  return [fileName, `${fileName}.map`]
}
