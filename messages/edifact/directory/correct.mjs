// correct — facts of the UN's own directory files (EDSD, EDCD, EDED) that the fact tables have lost: how often an item
// repeats, components that were dropped, fixed lengths, mandatory components. Each line was compared with those files
// where they could be had (D.94B to D.21B); D.22A to D.24A, whose tables say the same as D.21B's, are corrected alike.

/** Items of a segment that stand more than once: `C 3` in EDSD. Before D.99B nothing repeats. */
const repeated = [
  ['D99B', 'D24A', 'COM', 'C076', 3],
  ['D99B', 'D24A', 'ATT', 'C956', 5],
  ['D99B', 'D24A', 'ADR', 'C819', 5],
  ['D99B', 'D24A', 'ADR', 'C517', 5],
  ['D99B', 'D24A', 'IDE', 'C778', 99],
  ['D99B', 'D01C', 'ARR', 'C770', 9999],
]

/** Lengths: element, as the tables have it, as it is; in one composite alone where it is named. */
const lengths = [
  ['D97A', 'D24A', '7124', 'n..4', 'n4'],
  ['D97A', 'D24A', '7106', 'n..3', 'n3'],
  ['D97A', 'D24A', '8186', 'an..4', 'an4'],
  ['D97A', 'D99B', '6246', 'n..3', 'n3'],
  ['D97B', 'D99B', '5027', 'an..17', 'an..3', 'C545'],
  ['D97A', 'D98B', '9019', 'an..17', 'an..3', 'C956'],
  ['D99B', 'D00B', '3228', 'an..70', 'an..35', 'C819'],
]

/** Components that are mandatory, and so is no other of that tag in the composite. */
const mandatory = [
  ['D97A', 'D99A', 'C059', '3042'],
  ['D97A', 'D99A', 'C112', '2475'],
  ['D97A', 'D99A', 'C229', '5237'],
  ['D97A', 'D99A', 'C231', '4215'],
  ['D97A', 'D99A', 'C233', '7273'],
  ['D97A', 'D99A', 'C401', '8457'],
  ['D97A', 'D99A', 'C401', '8459'],
  ['D97A', 'D99A', 'C402', '7077'],
  ['D97A', 'D99A', 'C529', '7365'],
  ['D97A', 'D99A', 'C536', '4065'],
  ['D97A', 'D99A', 'C537', '4219'],
  ['D97A', 'D99A', 'C556', '9013'],
  ['D97A', 'D99A', 'C601', '9015'],
  ['D97A', 'D99A', 'C703', '7085'],
  ['D97A', 'D99A', 'C827', '7511'],
  ['D97B', 'D99A', 'C090', '3477'],
  ['D97A', 'D98B', 'C955', '9021'],
  ['D97A', 'D98A', 'C555', '9011'],
]

/** Components that were dropped: composite, in front of which place (from 0), the line. */
const dropped = [
  ['D99B', 'D24A', 'C502', 2, '6155 C an..17 nonDiscreteMeasurementNameCode'],
  ['D99B', 'D24A', 'C502', 3, '6154 C an..70 nonDiscreteMeasurementName'],
  ['D99B', 'D24A', 'C701', 2, '1054 C n..6 messageSubItemIdentifier'],
  ['D00A', 'D24A', 'C829', 0, '5495 C an..3 subLineIndicatorCode'],
  ['D97B', 'D99A', 'C593', 6, '6345 C an..3 currencyCoded'],
  ['D95A', 'D95A', 'C212', 4, '5495 C an..3 sublineIndicatorCoded'],
]

/**
 * `tables`: one a release, in the order of time, as `compile` reads them. Changed in place.
 * @returns what was corrected, a line each. @throws when a correction finds nothing to correct: the tables are others
 *   than those it was made for
 */
export function correct(releases, tables) {
  const done = []
  const each = ([from, to, ...what], apply) => {
    const [first, last] = [releases.indexOf(from), releases.indexOf(to)]
    if (first === -1 || last === -1) throw new Error(`no release ${from} or ${to}`)
    for (let at = first; at <= last; at++) {
      if (apply(tables[at], ...what)) done.push(`${releases[at]} ${what.join(' ')}`)
      else throw new Error(`nothing to correct: ${releases[at]} ${what.join(' ')}`)
    }
  }

  for (const one of repeated)
    each(one, ({ segmentTable }, tag, id, times) => {
      const item = segmentTable.get(tag)?.items.find((candidate) => candidate.id === id)
      if (item) item.times = times
      return item !== undefined
    })
  for (const one of lengths)
    each(one, (table, element, wrong, right, only) => {
      let found = false
      for (const [id, lines] of table.compositeTable) {
        if (only !== undefined && id !== only) continue
        table.compositeTable.set(
          id,
          lines.map((line) => {
            const [tag, status, format, ...name] = line.split(' ')
            if (tag !== element || format !== wrong) return line
            found = true
            return [tag, status, right, ...name].join(' ')
          }),
        )
      }
      return found
    })
  for (const one of mandatory)
    each(one, ({ compositeTable }, id, element) => {
      const lines = compositeTable.get(id) ?? []
      const at = lines.findIndex((line) => line.startsWith(`${element} C `))
      if (at === -1) return false
      compositeTable.set(id, lines.with(at, lines[at].replace(' C ', ' M ')))
      return true
    })
  for (const one of dropped)
    each(one, ({ compositeTable }, id, place, line) => {
      const lines = compositeTable.get(id)
      if (!lines || lines.length < place || lines[place]?.startsWith(line.slice(0, 5))) return false
      compositeTable.set(id, [...lines.slice(0, place), line, ...lines.slice(place)])
      return true
    })
  return done
}
