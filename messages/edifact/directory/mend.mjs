// mend — lines that the tables of some releases have lost. In D.97A to D.99B (and C819 until D.05B) components that
// carried a change mark are missing: TDT without 8213, NAD without 3042. A component that a composite has before and
// after a gap is put back into it; a composite that begins with 1131 or 3055, or holds nothing, is completed from the
// first later release that is whole.

const tagOf = (line) => line.split(' ')[0]
const count = (lines, tag) => lines.filter((line) => tagOf(line) === tag).length

/**
 * `tables`: one Map(composite → lines `8213 C an..9 name`) a release, in the order of time. Changed in place.
 * Returns what was put back: `D97A C222 8213`.
 */
export function mendComposites(releases, tables) {
  const mended = []
  const ids = new Set(tables.flatMap((table) => [...table.keys()]))
  for (const id of ids) {
    const at = tables.map((table, i) => (table.has(id) ? i : -1)).filter((i) => i !== -1)
    const original = at.map((i) => tables[i].get(id))
    for (const [n, i] of at.entries()) {
      const lines = original[n]
      const lost = new Map()
      for (const tag of new Set(original.flat().map(tagOf))) {
        const here = count(lines, tag)
        const before = Math.max(
          0,
          ...original
            .slice(0, n)
            .map((l, k) => (original.slice(k + 1, n).every((m) => count(m, tag) <= here) ? count(l, tag) : 0)),
        )
        const later = original.slice(n + 1).find((l) => count(l, tag) >= before)
        if (before > here && later && count(later, tag) > here) lost.set(tag, before - here)
      }
      const headless = lines.length === 0 || /^(1131|3055)$/.test(tagOf(lines[0]))
      const whole = original
        .slice(n + 1)
        .find((l) => l.length > lines.length && !/^(1131|3055)$/.test(tagOf(l[0])) && contains(l, lines))
      if (headless && whole)
        for (const tag of new Set(whole.map(tagOf)))
          if (count(whole, tag) > count(lines, tag)) lost.set(tag, count(whole, tag) - count(lines, tag))
      if (lost.size === 0) continue
      // Order and status as in the first later release that has everything; formats as the release has them elsewhere.
      const pattern =
        original
          .slice(n + 1)
          .find(
            (l) =>
              [...lost].every(([tag, missing]) => count(l, tag) >= count(lines, tag) + missing) && contains(l, lines),
          ) ?? whole
      if (!pattern) continue
      tables[i].set(id, merge(lines, lost, pattern, formatsOf(tables[i])))
      for (const tag of lost.keys()) mended.push(`${releases[i]} ${id} ${tag}`)
    }
  }
  return mended
}

/** Are the tags of `part` in `list`, in that order? */
function contains(list, part) {
  let at = 0
  for (const line of list) if (at < part.length && tagOf(line) === tagOf(part[at])) at++
  return at === part.length
}

function merge(lines, lost, pattern, formats) {
  const result = []
  let next = 0
  const missing = new Map(lost)
  for (const line of pattern) {
    const tag = tagOf(line)
    // Of several of the same tag the first ones were lost: change marks stood at the mandatory one.
    if ((missing.get(tag) ?? 0) > 0) {
      missing.set(tag, missing.get(tag) - 1)
      const [, status, format, name] = line.split(' ')
      result.push(`${tag} ${status} ${formats.get(tag) ?? format} ${name}`)
    } else if (next < lines.length && tagOf(lines[next]) === tag) result.push(lines[next++])
  }
  return result.concat(lines.slice(next))
}

/** The format of each element in this release, wherever it has one. */
function formatsOf(table) {
  const formats = new Map()
  for (const lines of table.values()) for (const line of lines) formats.set(tagOf(line), line.split(' ')[2])
  return formats
}
