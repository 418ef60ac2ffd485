// act — an operator's act: it is asked of the hub, and what became of it is printed.
import type { TSchema } from 'typebox'
import { createClient } from './client.js'
import { print } from './show.js'

/** @param says what is printed where no JSON is asked for */
export async function act(
  view: TSchema,
  path: string,
  body: object,
  { json, says }: { json: boolean | undefined; says: string },
): Promise<void> {
  print(await createClient().act(view, path, body), json === true, () => says)
}
