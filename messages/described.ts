// described — a schema that is used in a place of its own, described by what it is there.
import type { TSchema } from 'typebox'

/** All of the schema, what TypeBox hides in it included: with a spread its defaults would be lost. */
export const described = <T extends TSchema>(schema: T, description: string): T =>
  Object.defineProperties({} as T, {
    ...Object.getOwnPropertyDescriptors(schema),
    description: { value: description, enumerable: true, writable: true, configurable: true },
  })
