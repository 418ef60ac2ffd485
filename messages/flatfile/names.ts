// names — the one rule by which a flat file is XML: the message type is the root, a record its named element with the
// records that hang under it inside, a field its named element. Empty fields are left out, `^` lines repeat the
// element, fields without a name are F<n>.

/** `urn:singlewindow:flatfile:IFCSUM:1` */
export const flatNamespace = (type: string) => `urn:singlewindow:flatfile:${type}:1`

/** The name of a field the table does not have. */
export const extraField = (position: number) => `F${position}`

/** A record the table does not know: no schema has such an element, so none takes it. */
export const unknownRecord = (tag: string) => `R_${/^[0-9]{2}$/.test(tag) ? tag : 'unknown'}`
