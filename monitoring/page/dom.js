// dom — elements as calls, so that no text of a message ever becomes markup.

/**
 * h('td', { class: 'n' }, 'text', child, [more]): properties that are functions become listeners; null and false leave
 * nothing.
 */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue
    if (typeof value === 'function') element.addEventListener(key, value)
    else element.setAttribute(key, value === true ? '' : String(value))
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false))
  return element
}

/** Puts new children in place of the old ones. */
export function show(parent, ...children) {
  parent.replaceChildren(
    ...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false),
  )
}

const svgNamespace = 'http://www.w3.org/2000/svg'
function s(name, attributes, ...children) {
  const element = document.createElementNS(svgNamespace, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  element.append(...children)
  return element
}

/** Curves over the same time, drawn to one scale. Each is { points, color }. The title is what a screen reader says. */
export function sparkline(title, curves) {
  const width = 150
  const height = 26
  const top = Math.max(1, ...curves.flatMap(({ points }) => points))
  // What never was draws no line over the others.
  const lines = curves
    .filter(({ points }, i) => i === 0 || points.some((value) => value > 0))
    .map(({ points, color }) => {
      const step = width / Math.max(1, points.length - 1)
      const at = points
        .map((value, i) => `${(i * step).toFixed(1)},${(height - 2 - (value / top) * (height - 4)).toFixed(1)}`)
        .join(' ')
      return s('polyline', {
        points: at,
        fill: 'none',
        stroke: `var(--${color})`,
        'stroke-width': 1.4,
        'vector-effect': 'non-scaling-stroke',
      })
    })
  return s(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': title },
    s('title', {}, title),
    ...lines,
  )
}

/**
 * Rows that can be walked with j and k, which move the focus, and opened with Enter. `cells` are nodes or texts; `href`
 * opens the row, `key` names it.
 */
export function table(heads, rows) {
  return h(
    'div',
    { class: 'scroll', tabindex: 0 },
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          heads.map((head) => h('th', { scope: 'col', class: head.class }, head.text ?? head)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map(({ cells, href, key }) =>
          h(
            'tr',
            { 'data-href': href, 'data-key': key, tabindex: href || key ? -1 : undefined },
            cells.map((cell) => (cell instanceof HTMLTableCellElement ? cell : h('td', {}, cell))),
          ),
        ),
      ),
    ),
  )
}

/** A figure: quiet when it is nothing, coloured when it is something. */
export function figure(value, tone) {
  return h('td', { class: `n ${value === 0 || value === '0' || value === '–' ? 'zero' : (tone ?? '')}` }, String(value))
}

export function toast(text) {
  const box = h('div', { class: 'toast' }, text)
  document.getElementById('toasts')?.append(box)
  setTimeout(() => box.remove(), 6000)
}

/** What a form of filters asks, as the query of an address; fields left empty ask nothing. */
export function filtersOf(form) {
  const given = new URLSearchParams()
  for (const [name, value] of new FormData(form)) if (String(value).trim()) given.set(name, String(value).trim())
  return given.toString()
}
