// escape-xml — text as it stands in XML: between tags, and in attributes with double quotes.

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Of text that XML can hold; line ends and tabs stay as they are, and a parser makes blanks of them in attributes. */
export const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (c) => entities[c]!)

/** The same with line ends and tabs as references, so that a parser gives them back as they were. */
export const escapeXmlExactly = (text: string): string =>
  escapeXml(text).replace(/[\r\n\t]/g, (c) => `&#${c.charCodeAt(0)};`)

/** What XML 1.0 cannot hold at all: most control characters, lone surrogates. */
const unwritable =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** Has the text a character that no XML can hold? */
export const isUnwritable = (text: string): boolean => unwritable.test(text)

const everyUnwritable = new RegExp(unwritable, 'g')

/** The text with U+FFFD for each such character: for people to see, never to be filed. */
export const showUnwritable = (text: string): string => text.replace(everyUnwritable, '\ufffd')

/**
 * A value of an EDI message. Control characters, line ends among them, are faults of the message already; they are
 * shown as U+FFFD and never filed.
 */
export function escapeEdiValue(text: string): string {
  if (!/[&<>\x00-\x1f\ufffe\uffff\ud800-\udfff]/.test(text)) return text
  return showUnwritable(text)
    .replace(/[\t\n\r]/g, '\ufffd')
    .replace(/[&<>]/g, (c) => entities[c]!)
}
