// What the compiler cannot see: promises nobody awaits, values nobody uses, `any` that sneaks in.
import tseslint from 'typescript-eslint'
import docstrings from './.ci/docstrings.js'

const unused = ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }]
// Longer may be what cannot be broken or is read as a table: links, patterns, drawings and columns in comments, and
// XML that a test quotes line by line.
const lineLength = {
  code: 120,
  ignoreUrls: true,
  ignoreRegExpLiterals: true,
  ignorePattern: '^ *(//|\\*) .*([─▶│├└]|\\S {3,}\\S)|^ *<[^ ].*>$',
}
// Parts are handed on verb by verb: a verb that says `this` would lose it.
const noLostThis = {
  selector: 'ObjectExpression > Property > FunctionExpression ThisExpression',
  message: 'A verb handed on by name loses `this`.',
}
const everywhere = {
  'max-len': ['error', lineLength],
  eqeqeq: ['error', 'always'],
  // What is called later may be declared later.
  '@typescript-eslint/no-use-before-define': [
    'error',
    { functions: false, classes: false, variables: false, typedefs: false },
  ],
  'no-restricted-syntax': ['error', noLostThis],
}

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'data/', '**/*.cjs', 'vitest*.config.ts'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './tsconfig.tests.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': unused,
      '@typescript-eslint/require-await': 'off',
      // Our parts are closures, made to be handed on by name.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      ...everywhere,
    },
  },
  // What a hub answers is what its view says, and is checked: `client.read`, `client.act`, `answerAs`.
  {
    files: ['hub/cli/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        noLostThis,
        {
          selector: 'CallExpression[arguments.length=0] > MemberExpression[property.name="json"]',
          message: 'Read an answer by its view: `answerAs(View, response)`.',
        },
      ],
    },
  },
  // An editor shows what stands before a declaration, not at the head of its file. Migrations are told there; commands
  // by their descriptions.
  {
    files: ['{messages,xsd,routing,store,queues,adapters,hub,monitoring}/**/*.ts'],
    ignores: ['store/*/migrations/*', 'hub/cli/**'],
    plugins: { hub: docstrings },
    rules: { 'hub/docstrings': 'error' },
  },
  // How fast a machine is, is not what a test asks.
  {
    files: ['tests/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        noLostThis,
        {
          selector: 'CallExpression[callee.name=/^(test|it|beforeAll|beforeEach)$/] > Literal[value<900000]:last-child',
          message: 'How long a test may take is said once, in vitest.config.ts.',
        },
        {
          selector: 'CallExpression[callee.callee.object.name=/^(test|it)$/] > Literal[value<900000]:last-child',
          message: 'How long a test may take is said once, in vitest.config.ts.',
        },
        {
          selector: 'MemberExpression[object.name="expect"][property.name="poll"]',
          message: 'Wait with `until` of tests/support/until.ts: its patience is that of all tests.',
        },
      ],
    },
  },
  // What runs as it is written: the monitor's page, the benches, the setup. Their types are checked by
  // tsconfig.js.json.
  {
    files: ['**/*.{js,mjs}'],
    extends: [tseslint.configs.recommended],
    rules: { '@typescript-eslint/no-unused-vars': unused, ...everywhere },
  },
  // prom-client calls `collect` on the gauge itself.
  { files: ['monitoring/metrics.ts', 'monitoring/metrics/*.ts'], rules: { 'no-restricted-syntax': 'off' } },
)
