// interchange — EDIFACT of any size, made from nothing: a bay plan of so many containers, a manifest interchange of so
// many messages.

const pad = (n, width) => String(n).padStart(width, '0')
const unb = (reference) => `UNB+UNOA:3+TESTLINE:ZZZ+TESTPORT:ZZZ+260131:1200+${reference}'\r\n`

/** A BAPLIE D.95B as carriers send it, one stowage cell a container: some seven segments each. */
export function bayPlan(containers) {
  const parts = [
    "UNH+1+BAPLIE:D:95B:UN:SMDG22'",
    "BGM++BAY0001+9'",
    "DTM+137:2601311200:201'",
    "TDT+20+026W+++TEST:172:20+++BTSA1:103::TEST STAR'",
    "LOC+5+CNSHA:139:6'",
    "LOC+61+USLAX:139:6'",
    "DTM+136:2601312200:201'",
    "RFF+VON:026W'",
  ]
  for (let i = 0; i < containers; i++) {
    const cell = `${pad(2 + 4 * Math.floor(i / 60), 3)}${pad(i % 10, 2)}${pad(80 + 2 * (Math.floor(i / 10) % 6), 2)}`
    parts.push(
      `LOC+147+${cell}::5'`,
      "FTX+AAA+++PLASTIC TOYS'",
      `MEA+WT++KGM:${20000 + (i % 9000)}'`,
      "LOC+9+CNSHA:139:6'",
      "LOC+11+USLAX:139:6'",
      "RFF+BM:1'",
      `EQD+CN+TESU${pad(i, 7)}+22G1+++5'`,
      "NAD+CA+TEST:172:20'",
    )
    if (i % 20 === 0) parts.push("DGS+IMD+3+1263+023:CEL'", "FTX+AAD+++PAINT'")
  }
  return Buffer.from(`${unb('BAY0001')}${[...parts, `UNT+${parts.length + 1}+1'`].join('\r\n')}\r\nUNZ+1+BAY0001'\r\n`)
}

/** One CUSCAR D.95B: two bills, two containers. */
export function manifest(number) {
  const parts = [
    `UNH+${number}+CUSCAR:D:95B:UN'`,
    `BGM+785+MAN${pad(number, 7)}+9'`,
    "DTM+137:202601311200:203'",
    "RFF+VON:026W'",
    "NAD+CA+++TEST CONTAINER LINE+1 TEST PLAZA+SHANGHAI++200000+CN'",
    "TDT+20+026W+1++TEST:172:20+++9999010:146:11:TEST STAR:CN'",
    "LOC+60+CNSHA:139:6'",
    "DTM+132:202602020600:203'",
    "GIS+23'",
  ]
  for (let c = 0; c < 2; c++)
    parts.push(
      `EQD+CN+TESU${pad(number * 2 + c, 7)}+22G1:102:5++3+5'`,
      "MEA+AAE+G+KGM:14070'",
      `SEL+TS${pad(c, 6)}+CA'`,
    )
  parts.push("CNT+16:2'", "CNT+10:2'")
  for (let b = 1; b <= 2; b++) {
    const bill = `TESTSHA${pad(number * 2 + b, 8)}`
    parts.push(
      `CNI+${b}+${bill}'`,
      `RFF+BM:${bill}'`,
      "CNT+7:11870:KGM'",
      "CNT+11:1250'",
      "LOC+9+USLAX:139:6'",
      "LOC+11+CNSHA:139:6'",
      "NAD+CZ+++TEST IMPORTS INC+100 TEST AVENUE+LOS ANGELES++90001+US'",
      "NAD+CN+++TEST TOYS FACTORY CO LTD+8 TEST ROAD+SHANGHAI++200000+CN'",
      "GID+1+1250:CT'",
      "FTX+AAA+++LED LAMPS'",
      "MEA+AAE+G+KGM:11870'",
      `SGP+TESU${pad(number * 2 + b - 1, 7)}+1250'`,
      "PCI+28+N/M'",
      "CST++9405110000'",
    )
  }
  return [...parts, `UNT+${parts.length + 1}+${number}'`].join('\r\n')
}

export function manifests(count) {
  return Buffer.from(
    `${unb('MAN0001')}${Array.from({ length: count }, (_, i) => `${manifest(i + 1)}\r\n`).join('')}` +
      `UNZ+${count}+MAN0001'\r\n`,
  )
}

/** An interchange of manifests as chunks, of about so many bytes, never whole in memory. */
export function* manifestStream(bytes) {
  yield Buffer.from(unb('BIG0001'))
  let count = 0
  for (let written = 0; written < bytes;) {
    const chunk = Buffer.from(Array.from({ length: 40 }, () => `${manifest(++count)}\r\n`).join(''))
    written += chunk.length
    yield chunk
  }
  yield Buffer.from(`UNZ+${count}+BIG0001'`)
}

/** One BAPLIE of about so many bytes, as chunks. */
export function* bayPlanStream(bytes) {
  const lines = bayPlan(999).toString().split('\r\n')
  const head = lines.slice(0, 9)
  const cells = lines.slice(9, -3)
  yield Buffer.from(head.join(''))
  let segments = head.length - 1
  for (let written = 0; written < bytes;) {
    const chunk = Buffer.from(cells.join(''))
    segments += cells.length
    written += chunk.length
    yield chunk
  }
  yield Buffer.from(`UNT+${segments + 1}+1'UNZ+1+BAY0001'`)
}
