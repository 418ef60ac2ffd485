// table — what a run found, family by family, for people to read.

export function print(title: string, head: string[], rows: (string | number)[][]): void {
  const all = [head, ...rows.map((row) => row.map(String))]
  const width = head.map((_, i) =>
    Math.max(...all.map((row) => [...row[i]!].reduce((n, c) => n + (c > '\u2e80' ? 2 : 1), 0))),
  )
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(width[i]!) : cell.padStart(width[i]!))).join('  ')
  process.stdout.write(`\n${title}\n${all.map((row) => `  ${line(row)}\n`).join('')}`)
}

/** A row for each family and one for all, numbers added up. */
export function byFamily<T extends { family: string }>(
  items: readonly T[],
  columns: ((some: readonly T[]) => string | number)[],
): (string | number)[][] {
  const families = [...new Set(items.map((i) => i.family))]
  return [
    ...families.map((family) => [family, ...columns.map((column) => column(items.filter((i) => i.family === family)))]),
    ['all', ...columns.map((column) => column(items))],
  ]
}
