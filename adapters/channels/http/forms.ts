// forms — the forms an answer may have beside JSON, said at its route: other media types of a view, or bytes that are
// no JSON at all. The description at /docs (openapi.ts) makes contents of them.
import { Type, type Static, type TSchema } from 'typebox'

/** Keyword that names the media types; taken out again before anybody reads the description. */
export const mediaTypesKeyword = 'x-media-types'

/** A view that is also given out as these, by Accept. */
export const alsoAs = <T extends TSchema>(view: T, ...types: string[]) =>
  Type.Unsafe<Static<T> | string>({ ...view, [mediaTypesKeyword]: ['application/json', ...types] })

/** Bytes, in one of these forms. */
export const bytesAs = (description: string, ...types: string[]) =>
  Type.Unsafe<unknown>({ type: 'string', format: 'binary', description, [mediaTypesKeyword]: types })
/** Text, in one of these forms. */
export const textAs = (description: string, ...types: string[]) =>
  Type.Unsafe<unknown>({ type: 'string', description, [mediaTypesKeyword]: types })
