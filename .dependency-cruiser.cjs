// Who may import whom (docs/architecture.md). messages ← the middle folders ← hub ← tests; the middle folders never
// import each other; inside hub, nobody but hub.ts and cli imports boot; each heavy library lives in one folder.
const middle = ['xsd', 'routing', 'store', 'queues', 'adapters', 'monitoring']
/** From what all stand on to what stands between the others and the world; boot and cli come last (below). */
const hubOrder = ['base', 'trust', 'agencies', 'operate', 'queries', 'steps', 'config', 'doors']
/** A form before the queries of forms, before the persons both name; what the build keeps of all of them is last. */
const xsdOrder = ['certain', 'explain', 'rules', 'form', 'queries', 'persons', 'form-store']
const inOrder = (floor, folders) =>
  folders.slice(0, -1).map((folder, at) => ({
    name: `${floor}-${folder}-comes-before-what-is-behind-it`,
    severity: 'error',
    from: { path: `^${floor}/${folder}/` },
    to: { path: `^${floor}/(${folders.slice(at + 1).join('|')})/` },
  }))
const only = (library, folders) => ({
  name: `${library}-lives-in-${folders.join('-and-')}`,
  severity: 'error',
  from: { pathNot: `^(${folders.join('|')}|tests|bench)/` },
  to: { path: `node_modules/(${library})/` },
})

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'messages-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^messages/' },
      to: { path: `^(${[...middle, 'hub', 'tests', 'bench'].join('|')})/` },
    },
    // compile.mjs makes the EDIFACT tables and is run by hand; nothing imports it.
    {
      name: 'messages-does-no-io',
      severity: 'error',
      from: { path: '^messages/', pathNot: '^messages/edifact/directory/compile\\.mjs$' },
      to: {
        path:
          '^(fs|node:fs|net|node:net|http|node:http|child_process|node:child_process|worker_threads|' +
          'node:worker_threads)',
      },
    },
    ...middle.map((folder) => ({
      name: `${folder}-imports-messages-only`,
      severity: 'error',
      from: { path: `^${folder}/` },
      to: { path: `^(${[...middle.filter((other) => other !== folder), 'hub', 'tests', 'bench'].join('|')})/` },
    })),
    // The start knows the parts; no part knows the start.
    {
      name: 'the-start-is-imported-by-hub-and-cli-only',
      severity: 'error',
      from: { path: '^hub/', pathNot: '^hub/(boot/|cli/|hub\\.ts$)' },
      to: { path: '^hub/boot/' },
    },
    {
      name: 'the-parts-of-the-hub-do-not-import-it',
      severity: 'error',
      from: { path: `^hub/(${hubOrder.join('|')})/` },
      to: { path: '^hub/[^/]+\\.ts$' },
    },
    // Each of these folders may import those before it in this order, and none behind it.
    ...inOrder('hub', hubOrder),
    ...inOrder('xsd', xsdOrder),
    // Of the HTTP door it knows what the door asks for, and nothing the door does.
    {
      name: 'operate-knows-no-door',
      severity: 'error',
      from: { path: '^hub/(base|trust|agencies|operate|queries)/' },
      to: { path: '^adapters/channels/', pathNot: '^adapters/channels/http/parts/' },
    },
    { name: 'hub-does-not-import-tests', severity: 'error', from: { path: '^hub/' }, to: { path: '^(tests|bench)/' } },
    // A connector is one folder: beside the one list nobody reaches into it.
    {
      name: 'kinds-of-connectors-are-known-to-the-list-only',
      severity: 'error',
      from: { pathNot: '^(adapters/connectors/(kinds\\.ts$|[^/]+/)|tests/|bench/)' },
      to: { path: '^adapters/connectors/[^/]+/' },
    },
    {
      name: 'connectors-share-files-only',
      severity: 'error',
      from: { path: '^adapters/connectors/([^/]+)/' },
      to: { path: '^adapters/connectors/[^/]+/', pathNot: '^adapters/connectors/($1|files)/' },
    },
    only('bullmq|ioredis', ['queues']),
    only('@bull-board', ['queues', 'monitoring']),
    only('libxml2-wasm|piscina', ['xsd']),
    only('better-sqlite3|kysely|pg|s3mini', ['store']),
    only('ssh2|ssh2-sftp-client', ['adapters']),
    only('fastify|@fastify', ['adapters', 'monitoring']),
    only('prom-client', ['monitoring']),
    only('jose', ['adapters']),
    only('pdfkit', ['adapters/simulator']),
    only('uqr', ['adapters/simulator', 'adapters/trust']),
    only('openid-client|otpauth', ['adapters/trust']),
    {
      name: 'not-to-dev-dep',
      severity: 'error',
      // bundle.mjs is a step of the build.
      from: { pathNot: '^(tests|bench)/|^hub/boot/bundle\\.mjs$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|data)/' },
    moduleSystems: ['es6', 'cjs'],
  },
}
