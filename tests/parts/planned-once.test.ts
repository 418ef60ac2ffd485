import { expect, test } from 'vitest'
import { Database } from '../../store/sqlite/driver.js'
import { planOnce, plannedOnce } from '../../store/sqlite/planned-once.js'

/** What SQLite would do for orders in the state `dead`, of which it has an index of their own. */
function planFor(statement: string, prepared: (db: InstanceType<typeof Database>) => void): string {
  const db = new Database(':memory:')
  try {
    db.exec(`create table filed (n integer primary key, state text, at integer);
      create index filed_dead on filed (at) where state = 'dead'`)
    prepared(db)
    const plan = db.prepare<[string], { detail: string }>(`explain query plan ${statement}`).all('dead')
    return plan.map(({ detail }) => detail).join()
  } finally {
    db.close()
  }
}

test('SQLite does not look at the values of a statement to plan it again', () => {
  const statement = 'select n from filed where state = ? order by at'
  // Left to itself it looks, and finds that the index of dead ones holds all it is asked for.
  expect(planFor(statement, () => {})).toContain('filed_dead')
  expect(planFor(statement, planOnce)).not.toContain('filed_dead')
})

test.each([
  ['where reference = @reference', 'where reference = +@reference'],
  ['where fence is @fence', 'where fence is +@fence'],
  ['order by n limit @limit offset @from', 'order by n limit +@limit offset +@from'],
  ['where n = ? limit ?', 'where n = +? limit +?'],
])('a value is hidden from the planner: %s', (sql, planned) => expect(plannedOnce(sql)).toBe(planned))

test.each([
  'where n > @after and received_at <= @until and state <> @state and size >= ?',
  'insert into interchange (interchange_id, size) values (@interchange_id, @size)',
  'select json_array(@a, ?)',
  'where this_@x',
])('what the planner does not look at stays as it is: %s', (sql) => expect(plannedOnce(sql)).toBe(sql))
