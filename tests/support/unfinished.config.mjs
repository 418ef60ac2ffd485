// unfinished.config — the settings of a run that has one test, which never ends (unfinished.test.ts).
export default { test: { include: ['tests/support/unfinished.test.ts'], pool: 'forks', testTimeout: 0 } }
