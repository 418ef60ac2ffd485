// arrivals — EDIFACT as carriers send it: reports of a vessel's arrival (CUSREP), alone or many in an interchange.

/** The segments of a report with this number, without its end. */
export const arrival = (number: string, reference = '1') => [
  `UNH+${reference}+CUSREP:D:96B:UN'`,
  `BGM+185+${number}+9'`,
  `DTM+132:202612010800:203'`,
  `LOC+60+CNSHA'`,
  `TDT+20+026E+1++CARRIER:172:20+++9990003::11:TEST OCEAN:LR'`,
]

/** A message: its segments and their count. */
export const closed = (segments: string[], reference = '1') =>
  [...segments, `UNT+${segments.length + 1}+${reference}'`].join('')

/** Messages in their envelope. */
export const interchange = (
  messages: string[],
  reference = 'TEST0001',
  { test = false, sender = 'TESTCARRIER', count = messages.length } = {},
) =>
  `UNA:+.? 'UNB+UNOA:2+${sender}:ZZ+SWHUB:ZZ+261123:0900+${reference}${test ? "++++++1'" : "'"}` +
  `${messages.join('')}UNZ+${count}+${reference}'`
